import { Hono } from 'hono';
import { LiveRooms } from '../app/chat/live-rooms';
import { type RightsDeps, rightToRead, roomClaims } from '../app/chat/rights';
import { sendMessage } from '../app/chat/send-message';
import { KeyedQueue } from '../app/keyed-queue';
import { rememberedStreams } from '../app/streams/remembered-streams';
import { PostChatMessage } from '../contract/api/chat';
import { StreamId } from '../contract/ids';
import type { Rate } from '../contract/limits';
import { ROUTES, routerPattern } from '../contract/routes';
import { DomainError } from '../core/errors';
import { TokenBuckets } from '../core/limits/token-bucket';
import { handlerOf } from '../http/app';
import { bearerOf, clientAddress } from '../http/authenticate';
import { ALLOWED_ORIGINS, type CorsEnv, cors } from '../http/cors';
import type { Handler, HandlerDeps } from '../http/http-handler';
import { readFields } from '../http/request-body';
import type { ChatRooms } from '../ports/chat';
import type { Clock, StreamStore } from '../ports/stores';
import { type ConnectionLimits, ReaderConnections } from './connections';
import { openConnection } from './read';

/** A change of the stream's settings is seen after this long at the latest. */
const STREAM_MAX_AGE_MS = 2000;
/** Requests of one address: a school or an office stands behind some. Cloud Armor bounds them before. */
const PER_ADDRESS: Rate = { perMinute: 600, burst: 300 };
/** Messages of one room that reach the store: it takes ten a second, and more would only wait for each other. */
const PER_ROOM: Rate = { perMinute: 600, burst: 10 };
/** Messages of one room that wait for their turn, and how long: what the store needs for twice a burst. */
const WAITING = { maxWaiting: 20, maxWaitMs: 4000 };
/** Messages of one sender that reach the store: it takes one a second, and repetitions. */
const PER_SENDER: Rate = { perMinute: 90, burst: 5 };

export interface ChatDeps extends HandlerDeps, Omit<RightsDeps, 'readStream' | 'rooms' | 'clock'> {
  rooms: ChatRooms;
  streamStore: Pick<StreamStore, 'getStream'>;
  clock: Clock;
  limits: ConnectionLimits;
  allowedOrigins: readonly string[];
  /** A whole number below `max`, by chance. */
  randomInt(max: number): number;
}

/** The chat of all streams: events down, messages up. `stop` sends its readers to another instance. */
export function chatHandler(deps: ChatDeps): { handler: Handler; stop(): void; connections(): number } {
  const { clock, rooms } = deps;
  const readStream = rememberedStreams(deps, STREAM_MAX_AGE_MS);
  const isOpen = async (id: StreamId) => {
    const stream = await readStream(id);
    return stream?.chat?.enabled === true && stream.suspended === undefined;
  };
  const connections = new ReaderConnections(deps.limits, clock);
  const liveRooms = new LiveRooms({ ...deps, isOpen });
  const reading = { ...deps, connections, liveRooms };
  const rights = { ...deps, readStream };
  const ofAddress = new TokenBuckets(PER_ADDRESS, clock);
  const ofSender = new TokenBuckets(PER_SENDER, clock);
  const ofRoom = new TokenBuckets(PER_ROOM, clock);
  const sending = { rooms, clock, queue: new KeyedQueue({ ...WAITING, clock }) };
  const app = new Hono<CorsEnv>();
  const routes = () => {
    app.use(cors(deps));
    app.get(routerPattern(ROUTES.chat.room), async (c) => {
      const id = streamIdOf(c.req.param('id'));
      const address = clientAddress(c.req.raw);
      takeToken(ofAddress, address, 'this address');
      connections.assertRoom(address);
      const right = await rightToRead({ id, token: bearerOf(c.req.raw) }, rights);
      c.set(ALLOWED_ORIGINS, right.stream.allowedOrigins);
      const lastEventId = c.req.header('Last-Event-ID');
      const body = await openConnection({ right, address, lastEventId }, reading);
      return c.body(body, 200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    });
    app.post(routerPattern(ROUTES.chat.room), async (c) => {
      const id = streamIdOf(c.req.param('id'));
      takeToken(ofAddress, clientAddress(c.req.raw), 'this address');
      const claims = roomClaims({ id, token: bearerOf(c.req.raw) }, deps);
      takeToken(ofSender, claims.sender, 'this sender');
      const stream = await readStream(id);
      c.set(ALLOWED_ORIGINS, stream?.allowedOrigins);
      const message = await readFields(c.req.raw, PostChatMessage);
      takeToken(ofRoom, id, 'this room');
      return c.json(await sendMessage({ stream, claims, message, gone: c.req.raw.signal }, sending), 201);
    });
  };
  const stop = () => {
    connections.stop();
    liveRooms.stop();
  };
  return { handler: handlerOf(app, routes, deps), stop, connections: () => connections.size };
}

/** A malformed id is one nobody has. */
function streamIdOf(id: string): StreamId {
  if (StreamId.safeParse(id).success) return id;
  throw new DomainError('stream_not_found', 'there is no such stream');
}

function takeToken(buckets: TokenBuckets, key: string, whose: string): void {
  const { waitSeconds: retryAfterSeconds } = buckets.look(key);
  if (retryAfterSeconds === 0) {
    buckets.take(key);
    return;
  }
  const message = `${whose} has sent too many requests: try again in ${retryAfterSeconds} s`;
  throw new DomainError('rate_limited', message, { retryAfterSeconds });
}
