import type { CreateStream } from '../../contract/api/streams';
import type { Stream } from '../../contract/state';

export interface NewStream {
  id: Stream['id'];
  keyHash: string;
  createdAt: number;
  owner: string | undefined;
  /** Of a stream that names none, in seconds. */
  reconnectWindowSeconds: number;
}

/** A stream nobody has published yet. */
export function newStream(wanted: CreateStream, { owner, reconnectWindowSeconds, ...made }: NewStream): Stream {
  const { dvrWindowSeconds, ...settings } = wanted;
  return {
    ...settings,
    ...made,
    ...(owner === undefined ? {} : { owner }),
    dvrWindowSeconds: dvrWindowSeconds,
    reconnectWindowSeconds: wanted.reconnectWindowSeconds ?? reconnectWindowSeconds,
    ordinal: 0,
    unfinished: [],
    takeovers: [],
  };
}
