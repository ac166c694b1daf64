/**
 * Reads chunks as SRS 5 and 6 do (SrsProtocol::read_message_header, read_message_payload), for whatever order and form
 * they have: a second opinion on what a guard lets through. Answers the messages that are whole; throws where SRS ends
 * the connection.
 */
export interface SrsMessage {
  type: number;
  timestamp: number;
  streamId: number;
  body: Buffer;
}

interface State {
  count: number;
  delta: number;
  extended: boolean;
  header: Omit<SrsMessage, 'body'> & { length: number };
  /** The body of a message that is not complete. */
  body: Buffer | undefined;
}

export function readAsSrs(bytes: Buffer): SrsMessage[] {
  const messages: SrsMessage[] = [];
  try {
    read(bytes, messages);
  } catch (error) {
    if (!(error instanceof MoreToCome)) throw error;
  }
  return messages;
}

class MoreToCome extends Error {}

function read(bytes: Buffer, messages: SrsMessage[]): void {
  const states = new Map<number, State>();
  let at = 0;
  let chunkSize = 128;
  const take = (size: number): Buffer => {
    at += size;
    if (at > bytes.length) throw new MoreToCome();
    return bytes.subarray(at - size, at);
  };
  while (at < bytes.length) {
    const first = take(1).readUInt8();
    const low = first & 0x3f;
    const id = low > 1 ? low : low === 0 ? 64 + take(1).readUInt8() : 64 + take(2).readUInt16LE();
    const state = states.get(id) ?? newState();
    states.set(id, state);
    readHeader(state, first >> 6, take, (back) => {
      at -= back;
    });
    const { length } = state.header;
    const body = Buffer.concat([
      state.body ?? Buffer.alloc(0),
      take(Math.min(length - (state.body?.length ?? 0), chunkSize)),
    ]);
    state.body = body.length === length ? undefined : body;
    if (state.body !== undefined) continue;
    const { type, timestamp, streamId } = state.header;
    messages.push({ type, timestamp, streamId, body });
    if (type === 1) chunkSize = body.readInt32BE();
  }
}

const newState = (): State => ({
  count: 0,
  delta: 0,
  extended: false,
  header: { type: 0, timestamp: 0, streamId: 0, length: 0 },
  body: undefined,
});

function readHeader(state: State, format: number, take: (size: number) => Buffer, back: (size: number) => void): void {
  const { header } = state;
  const isFirst = state.body === undefined;
  if (state.count === 0 && format > 1) throw new Error(`fresh chunk stream begins with format ${format}`);
  if (!isFirst && format === 0) throw new Error('format 0 inside a message');
  if (format <= 2) {
    state.delta = take(3).readUIntBE(0, 3);
    state.extended = state.delta >= 0xffffff;
    if (!state.extended) header.timestamp = format === 0 ? state.delta : header.timestamp + state.delta;
    if (format <= 1) {
      const length = take(3).readUIntBE(0, 3);
      if (!isFirst && length !== header.length) throw new Error('another length inside a message');
      header.length = length;
      header.type = take(1).readUInt8();
      if (format === 0) header.streamId = take(4).readUInt32LE();
    }
  } else if (isFirst && !state.extended) header.timestamp += state.delta;
  if (state.extended) {
    const time = take(4).readUInt32BE() & 0x7fffffff;
    if (!isFirst && header.timestamp > 0 && header.timestamp !== time) back(4);
    else header.timestamp = time;
  }
  header.timestamp &= 0x7fffffff;
  state.count += 1;
}
