import { jsonLog } from '../../../functions/adapters/log';
import { memoryChatRooms } from '../../../functions/adapters/memory/chat-rooms';
import { memoryGrantStore } from '../../../functions/adapters/memory/grant-store';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { randomId } from '../../../functions/adapters/system';
import { chatHandler } from '../../../functions/chat/handler';
import type { ChatRole } from '../../../functions/contract/chat/documents';
import type { Stream } from '../../../functions/contract/state';
import { mintRoomToken, senderOf } from '../../../functions/core/chat/room-token';
import { manualClock } from '../manual-clock';
import { KEYS, NEWEST } from '../signing-keys';
import { STREAM_ID, streamOf } from '../streams';
import { EventReader } from './events';

/** Parts of a request: a bearer token, `Last-Event-ID`, the client's address. */
interface Sender {
  token?: string | undefined;
  after?: string | undefined;
  address?: string | undefined;
  /** Aborted once the client has left. */
  signal?: AbortSignal;
}

export const CHAT = { enabled: true, slowSeconds: 0, retentionHours: 24 };

/** Instances of the function `chat` over one store, with a clock that stands. */
export function chatRig() {
  const clock = manualClock();
  const streamStore = memoryStreamStore();
  const lines: string[] = [];
  const deps = {
    streamStore,
    grants: memoryGrantStore(),
    rooms: memoryChatRooms(),
    keys: KEYS,
    limits: { perInstance: 50, perAddress: 20 },
    allowedOrigins: ['*'],
    clock,
    randomId,
    randomInt: () => 0,
    log: jsonLog((line) => lines.push(line)),
  };
  const path = (id = STREAM_ID) => `http://function/api/v1/streams/${id}/chat`;
  return {
    deps,
    clock,
    lines,
    instance: () => chatHandler(deps),
    addStream: (stream: Partial<Stream> = {}) => streamStore.createStream({ ...streamOf(), chat: CHAT, ...stream }),
    changeStream: (change: Partial<Stream>) =>
      streamStore.changeStream(STREAM_ID, (found) => ({
        change: { stream: { ...streamOf(found), ...change } },
        result: undefined,
      })),
    token(subject: string, { role = 'viewer', name = subject }: { role?: ChatRole; name?: string } = {}) {
      const expires = Math.floor(clock.now() / 1000) + 3600;
      const sender = senderOf(STREAM_ID, subject, 'secret');
      return mintRoomToken({ streamId: STREAM_ID, sender, name, role, expires }, NEWEST);
    },
    sender: (subject: string) => senderOf(STREAM_ID, subject, 'secret'),
    async read(
      { handler }: ReturnType<typeof chatHandler>,
      { token, after, address }: Sender = {},
    ): Promise<EventReader> {
      const answer = await handler(new Request(path(), { headers: headersOf({ token, after, address }) }));
      if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
      return new EventReader(answer);
    },
    ask: (
      { handler }: ReturnType<typeof chatHandler>,
      { id, ...request }: Sender & { id?: string; body?: unknown } = {},
    ) => {
      const { body } = request;
      const sent = typeof body === 'string' ? body : JSON.stringify(body);
      const init = body === undefined ? {} : { method: 'POST', body: sent };
      const { signal = null } = request;
      return handler(new Request(path(id), { ...init, signal, headers: headersOf(request) }));
    },
  };
}
export type ChatRig = ReturnType<typeof chatRig>;

const headersOf = ({ token, after, address }: Sender) => ({
  ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  ...(after !== undefined && { 'Last-Event-ID': after }),
  'X-Forwarded-For': `${address ?? '192.0.2.1'}, 10.0.0.1`,
});
