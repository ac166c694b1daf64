import type { Heartbeat, SessionReport } from '../../contract/hooks/srs';
import type { RenditionReport } from '../../contract/packaging';
import type { Node } from '../../contract/state';
import type { Clock, Log, StreamStore } from '../../ports/stores';

export interface NoteRenditionsDeps {
  streamStore: StreamStore;
  clock: Clock;
  log: Log;
}

type Renditions = readonly RenditionReport[];

const areMade = (renditions: Renditions): boolean => renditions.every(({ state }) => state === 'made');
const textOf = (renditions: Renditions): string =>
  JSON.stringify(renditions.map(({ name, state, reason }) => [name, state, reason]).toSorted());
const keyOf = ({ streamId, sessionId }: SessionReport): string => `${streamId}/${sessionId}`;

/**
 * The sessions whose renditions are not what the heartbeat before said: each of these is a write. A session that begins
 * with all it was asked for is no news.
 */
export function withOtherRenditions({ sessions }: Heartbeat, before: Node | undefined): SessionReport[] {
  const known = new Map(before?.sessions.map((each) => [keyOf(each), each.renditions]));
  return sessions.filter((session) => {
    const was = known.get(keyOf(session)) ?? [];
    const { publishing, renditions = [] } = session;
    const isNews = was.length === 0 ? !areMade(renditions) : textOf(was) !== textOf(renditions);
    return publishing && renditions.length > 0 && isNews;
  });
}

/**
 * Notes what a node makes of its session, unless that was told already: a rung that is shed, and one that is back. The
 * event follows from the change.
 */
export async function noteRenditions(
  { streamId, sessionId, renditions = [] }: SessionReport,
  { streamStore, clock, log }: NoteRenditionsDeps,
): Promise<void> {
  const told = await streamStore.changeStream<boolean>(streamId, (stream) => {
    const current = stream?.session;
    if (stream === undefined || current?.id !== sessionId) return { result: false };
    const was = current.toldRenditions?.renditions;
    const isTold = was === undefined ? areMade(renditions) : textOf(was) === textOf(renditions);
    if (isTold || (was !== undefined && areMade(was) && areMade(renditions))) return { result: false };
    const session = { ...current, toldRenditions: { renditions, at: clock.now() } };
    return { change: { stream: { ...stream, session }, sessions: [session] }, result: true };
  });
  if (told) log.warn('renditions_changed', { streamId, sessionId, renditions });
}
