import type { StreamId, StreamKey } from '../functions/contract/ids';
import { readStreamId, readStreamKey } from './names';

/** The stream and its key: the stream key of OBS has both. */
export interface Publisher {
  readonly streamId: StreamId;
  readonly key: StreamKey;
}

/** Characters that a paste may add: blanks and line ends anywhere, the quotes of a command line. */
const PASTED = /[\s\u200b\ufeff'"`]/g;

/**
 * Reads `<stream id>?key=<key>`, as it is typed into OBS, or a whole `rtmp://…/live/<stream id>?key=<key>`. Returns a
 * message for anything else, which never holds the key.
 */
export function parseStreamKey(text: string): Publisher | string {
  const [, id, secret] =
    /^(?:(?:rtmps?:\/\/[^/?#]+\/)?live\/)?([^?]*)\?key=(.*)$/i.exec(text.replace(PASTED, '')) ?? [];
  const streamId = readStreamId(id);
  const key = readStreamKey(secret);
  if (streamId === undefined)
    return 'The stream key begins with the stream’s id: 16 letters and digits, then “?key=” and the key.';
  if (key === undefined) return 'The part after “?key=” must be “sk_” and 32 letters and digits. Copy the whole key.';
  return { streamId, key };
}

const HANDED_OVER = 'stream-key';

/** A stream key as it is typed into OBS. */
export const streamKeyOf = ({ streamId, key }: Publisher): string => `${streamId}?key=${key}`;

/** Leaves a stream key in this tab for the page that publishes: an address would be kept, shown and sent on. */
export const handOver = (streamKey: string, tab: Pick<Storage, 'setItem'>): void => tab.setItem(HANDED_OVER, streamKey);

/** The stream key that was left in this tab; empty: none. It stays, so that a reload or Back loses nothing. */
export const handedOver = (tab: Pick<Storage, 'getItem'>): string => tab.getItem(HANDED_OVER) ?? '';

/** Removes the stream key from this tab, once the broadcast is over. */
export const forgetKey = (tab: Pick<Storage, 'removeItem'>): void => tab.removeItem(HANDED_OVER);
