import type { StreamId } from '../../../functions/contract/ids';
import type { Clock, Log } from '../../../functions/ports/stores';
import type { SrsApi, SrsFlv } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import type { NodeSession } from '../session/session';
import { isWebRtc } from '../session/session-state';
import type { Sessions } from '../session/sessions';
import type { Tickets } from '../srs/tickets';

export interface UnreachedDeps {
  sessions: Sessions;
  srs: Pick<SrsApi, 'kick'>;
  clock: Clock;
  log: Log;
  counters: { kicks: number };
  /** Sessions whose publisher was kicked for it: once is enough, because the next publish is another session. */
  kicked: WeakSet<NodeSession>;
}

/** SRS plays at once what it has. Within this time two segments of the usual length are closed. */
const SILENT_MS = 6000;
const SEGMENTS = 2;

/**
 * Kicks the publisher of a stream that SRS writes to HLS and gives to no player, unless media is heard first: SRS 6 can
 * lose a publish from its table, and only a new publish helps (SRS issues 4182 and 4449). Browsers are left alone:
 * their players wait for sender reports. Never rejects.
 */
export async function kickUnlessHeard(streamId: StreamId, heard: AbortSignal, deps: UnreachedDeps): Promise<void> {
  const { sessions, srs, clock, log, counters, kicked } = deps;
  const session = sessions.ofStream(streamId).find(({ open }) => open);
  if (session === undefined || isWebRtc(session.state.publishedAs)) return;
  const before = session.state.nextIndex;
  await clock.sleep(SILENT_MS, heard);
  const grew = session.state.nextIndex - before;
  if (heard.aborted || !session.open || grew < SEGMENTS || kicked.has(session)) return;
  kicked.add(session);
  counters.kicks += 1;
  const about = { ...session.ref, clientId: session.state.client.clientId };
  log.warn('silent_publisher_kicked', about);
  await srs
    .kick(about.clientId)
    .catch((error: unknown) => log.warn('kick_failed', { ...about, error: reasonOf(error) }));
}

export interface ListenDeps extends UnreachedDeps {
  flv: SrsFlv;
  tickets: Pick<Tickets, 'issueOwn' | 'close'>;
  /** Sessions that are listened to now, or were heard. */
  listened: WeakSet<NodeSession>;
}

/**
 * Listens to a stream over HTTP-FLV until its first media, once for each session: an RTMP player does not tell the
 * agent what it hears, and one that is paused or stalled must not end anybody. A publish that SRS lost has its
 * publisher kicked (`kickUnlessHeard`). Never rejects.
 */
export async function listenOnce(streamId: StreamId, deps: ListenDeps): Promise<void> {
  const { sessions, listened } = deps;
  const session = sessions.ofStream(streamId).find(({ open }) => open);
  if (session === undefined || listened.has(session)) return;
  listened.add(session);
  const [heard, ticket] = [new AbortController(), deps.tickets.issueOwn(streamId)];
  void kickUnlessHeard(streamId, heard.signal, deps);
  try {
    const media = await deps.flv.play({ streamId, ticket: ticket.id });
    media?.destroy();
  } catch (error) {
    listened.delete(session);
    deps.log.info('stream_not_heard', { ...session.ref, error: reasonOf(error) });
  } finally {
    heard.abort();
    deps.tickets.close(ticket);
  }
}
