import type { CreateStream } from '../../contract/api/stream-requests';
import type { PackagingOffer } from '../../contract/packaging';
import type { Stream } from '../../contract/state';
import { changedChat } from '../chat/settings';
import { defined } from '../defined';
import { assertEncryption } from '../encryption/settings';
import { chosenSettings } from '../packaging/settings';
import { assertHotBackup } from './hot-backup';
import { assertLatency } from './latency';

export interface NewStream {
  id: Stream['id'];
  keyHash: string;
  createdAt: number;
  owner: string | undefined;
  /** The reconnect window of a stream that names none, in seconds. */
  reconnectWindowSeconds: number;
  /** The packagings that the environment's nodes can make. */
  offer: PackagingOffer;
}

/** Makes a stream that was never published. Throws as `chosenSettings`. */
export function newStream(wanted: CreateStream, { owner, reconnectWindowSeconds, offer, ...made }: NewStream): Stream {
  const {
    dvrWindowSeconds,
    packaging: _packaging,
    ladder: _ladder,
    latency,
    encryption,
    edges,
    chat,
    hotBackup,
    ...settings
  } = wanted;
  assertLatency(latency, wanted.policy);
  const { packaging, ladder } = chosenSettings(wanted, offer);
  assertEncryption(wanted, { packaging, latency, dvrWindowSeconds });
  assertHotBackup({ ...wanted, packaging });
  return {
    ...settings,
    ...made,
    ...defined({ owner }),
    ...(packaging === 'ts' ? {} : { packaging }),
    ...(ladder === 'none' ? {} : { ladder }),
    ...(latency === 'low' && { latency }),
    ...(encryption !== 'none' && defined({ encryption })),
    ...defined({ chat: changedChat(undefined, chat) }),
    ...(edges !== undefined && edges !== 'none' && { edges }),
    ...(hotBackup === true && { hotBackup }),
    dvrWindowSeconds: dvrWindowSeconds,
    reconnectWindowSeconds: wanted.reconnectWindowSeconds ?? reconnectWindowSeconds,
    ordinal: 0,
    unfinished: [],
    takeovers: [],
  };
}
