import { StreamId, StreamKey } from '../functions/contract/words';

/** Who publishes: what OBS calls the stream key says both. */
export interface Publisher {
  readonly streamId: StreamId;
  readonly key: StreamKey;
}

/** Reads `<stream id>?key=<key>`, as it is typed into OBS; a message that says what is wrong, but never the key. */
export function parseStreamKey(text: string): Publisher | string {
  const [, id, secret] = /^([^?]*)\?key=(.*)$/.exec(text.trim()) ?? [];
  const streamId = StreamId.safeParse(id);
  const key = StreamKey.safeParse(secret);
  if (!streamId.success) return 'The stream key begins with the stream’s id: 16 letters and digits, then “?key=” and the key.';
  if (!key.success) return 'After “?key=” stands “sk_” and 32 letters and digits. Copy it whole.';
  return { streamId: streamId.data, key: key.data };
}

const HANDED_OVER = 'stream-key';

/** Leaves a stream key in this tab for the page that publishes: an address would be kept, shown and sent on. */
export const handOver = (streamKey: string, tab: Pick<Storage, 'setItem'>): void => tab.setItem(HANDED_OVER, streamKey);

/** Takes it, once. */
export function takeOver(tab: Pick<Storage, 'getItem' | 'removeItem'>): string {
  const streamKey = tab.getItem(HANDED_OVER) ?? '';
  tab.removeItem(HANDED_OVER);
  return streamKey;
}
