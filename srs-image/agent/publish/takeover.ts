import { pollUntil } from '../../../functions/app/poll-until';
import { LIVE_APP, type StreamId } from '../../../functions/contract/ids';
import type { Clock, Log } from '../../../functions/ports/stores';
import type { Counters } from '../metrics/counters';
import type { SrsApi } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import type { NodeSession } from '../session/session';
import { isWebRtc } from '../session/session-state';
import type { Sessions } from '../session/sessions';
import type { SessionCloser } from './session-closer';

/** A kick takes RTMP publishers 6 ms and SRT ones 1 to 2 s (SRS 5.0.216, 6.0.157). */
const LIMIT_MS = 3000;
const POLL_INTERVAL_MS = 50;

export interface TakeoverDeps {
  srs: SrsApi;
  sessions: Sessions;
  sessionCloser: SessionCloser;
  clock: Clock;
  log: Log;
  counters: Counters;
}

const othersOn = async (srs: SrsApi, streamId: StreamId, newcomer: string): Promise<string[]> => {
  const { streams } = await srs.streams();
  const others = streams.filter(({ active, app, name, clientId }) => {
    return active && app === LIVE_APP && name === streamId && clientId !== newcomer;
  });
  return others.map(({ clientId }) => clientId);
};

/**
 * Browsers that were admitted but are not connected to SRS yet: SRS does not list them, but keeps the stream's name for
 * them.
 */
const connectingOn = (sessions: Sessions, streamId: StreamId, others: readonly string[]): NodeSession[] =>
  sessions.ofStream(streamId).filter(({ open, state }) => {
    return open && isWebRtc(state.publishedAs) && !others.includes(state.client.clientId);
  });

/**
 * Ends every other publisher of this stream on this node, because SRS admits only one. True once SRS has released the
 * stream; false if it does not within 3 s, or does not answer.
 */
export async function takeOverStream(deps: TakeoverDeps, streamId: StreamId, newcomer: string): Promise<boolean> {
  const { srs, sessions, sessionCloser, clock, log, counters } = deps;
  const kicked = new Set<string>();
  const kick = async (clientId: string) => {
    log.warn('takeover', { streamId, clientId, by: newcomer });
    counters.takeovers += 1;
    await srs.kick(clientId);
    kicked.add(clientId);
  };
  const look = async (): Promise<boolean> => {
    const others = await othersOn(srs, streamId, newcomer);
    const connecting = connectingOn(sessions, streamId, [...others, ...kicked, newcomer]);
    await Promise.all(others.filter((clientId) => !kicked.has(clientId)).map(kick));
    for (const session of connecting) {
      await kick(session.state.client.clientId);
      sessionCloser.end(session, 'superseded');
    }
    return others.length === 0 && connecting.length === 0;
  };
  return pollUntil({ clock, everyMs: POLL_INTERVAL_MS, limitMs: LIMIT_MS }, () =>
    look().catch((error: unknown) => {
      log.warn('srs_silent', { streamId, error: reasonOf(error) });
      return false;
    }),
  );
}
