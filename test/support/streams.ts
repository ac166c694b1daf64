import type { Heartbeat } from '../../functions/contract/hooks/srs';
import type { Broadcast, Node, Session, Stream } from '../../functions/contract/state';
import { sha256Hex } from '../../functions/core/signing/hash';

export const STREAM_ID = 'abcdefgh01234567';
export const KEY = `sk_${'abcd2345'.repeat(4)}`;
export const OTHER_KEY = `sk_${'zzzz7777'.repeat(4)}`;

export const streamOf = (more: Partial<Stream> = {}): Stream => ({
  id: STREAM_ID,
  title: 'a stream',
  policy: 'open',
  recording: true,
  reconnectWindowSeconds: 60,
  dvrWindowSeconds: 30,
  keyHash: sha256Hex(KEY),
  createdAt: 0,
  ordinal: 0,
  unfinished: [],
  takeovers: [],
  ...more,
});

export const sessionOf = (ordinal: number, more: Partial<Session> = {}): Session => ({
  id: `${ordinal}-aaaaaaa${ordinal % 10}`,
  streamId: STREAM_ID,
  broadcastId: 'b1-aaaaaaaa',
  ordinal,
  nodeId: 'node-1',
  serviceId: 'service-1',
  clientId: `client-${ordinal}`,
  startedAt: 0,
  ...more,
});

export const broadcastOf = (more: Partial<Broadcast> = {}): Broadcast => ({
  id: 'b1-aaaaaaaa',
  streamId: STREAM_ID,
  state: 'open',
  startedAt: 0,
  ...more,
});

/** A stream with one session in an open broadcast. */
export const publishedStream = (session: Partial<Session> = {}, more: Partial<Stream> = {}): Stream =>
  streamOf({ ordinal: 1, session: sessionOf(1, session), unfinished: [broadcastOf()], ...more });

export const nodeOf = (more: Partial<Node> = {}): Node => ({
  id: 'node-1',
  serviceId: 'service-1',
  role: 'origin',
  draining: false,
  heartbeatAt: 0,
  spoolBytes: 0,
  sessions: [],
  kicks: [],
  ...more,
});

export const reported = (
  session: Session,
  more: Partial<Heartbeat['sessions'][number]> = {},
): Heartbeat['sessions'][number] => ({
  streamId: session.streamId,
  sessionId: session.id,
  publishing: true,
  pendingSegments: 0,
  ...more,
});

export const heartbeatOf = (more: Partial<Heartbeat> = {}): Heartbeat => ({
  nodeId: 'node-1',
  serviceId: 'service-1',
  role: 'origin',
  draining: false,
  spoolBytes: 0,
  sessions: [],
  ...more,
});
