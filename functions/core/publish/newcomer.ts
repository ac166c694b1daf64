import type { Broadcast, Session, Stream } from '../../contract/state';
import type { SrsClient } from './client';
import { isWithinWindow } from './liveness';

/** Takeovers count for so long. */
const TAKEOVER_WINDOW_MS = 60_000;

/** Says whether a newcomer comes while the session before is not known to be over. */
export const isTakeover = (before: Session, newcomer: SrsClient): boolean =>
  before.endedAt === undefined && !isDeadClient(before, newcomer);

/** Says whether SRS was restarted on the same node: nothing of before can still publish. */
export const isDeadClient = (before: SrsClient, newcomer: SrsClient): boolean =>
  before.nodeId === newcomer.nodeId && before.serviceId !== newcomer.serviceId;

/** Lists the times of a stream's takeovers that still count. */
export const recentTakeovers = (stream: Stream, at: number): number[] =>
  stream.takeovers.filter((each) => at - each < TAKEOVER_WINDOW_MS);

/** Finds the open broadcast that a newcomer at `at` goes on with; `undefined` where it begins one. */
export function broadcastToJoin(stream: Stream, at: number): Broadcast | undefined {
  const { session } = stream;
  if (session === undefined || !isWithinWindow(stream, session.endedAt ?? at, at)) return undefined;
  return stream.unfinished.find(({ id, state }) => id === session.broadcastId && state === 'open');
}
