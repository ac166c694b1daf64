import type { FinalSession } from '../../../functions/contract/hooks/media';
import type { Log } from '../../../functions/ports/stores';
import { type AgentReply, refused } from '../http/listener';
import type { SrsApi } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import type { Sessions } from '../session/sessions';

export interface FinalityDeps {
  sessions: Sessions;
  srs: Pick<SrsApi, 'kick'>;
  log: Log;
}

/**
 * A broadcast was stopped with this session: its publisher is ended, and its playlist says that nothing follows.
 * `session_not_found` for one that the node no longer has: the reconciler ends the broadcast then.
 */
export async function makeFinal(
  { streamId, sessionId }: FinalSession,
  { sessions, srs, log }: FinalityDeps,
): Promise<AgentReply> {
  const session = sessions.ofStream(streamId).find(({ ref }) => ref.sessionId === sessionId);
  if (session === undefined)
    return refused(404, 'session_not_found', 'there is no such session: it has ended long ago');
  session.makeFinal();
  sessions.activate(session);
  log.info('session_final', { ...session.ref, wasOpen: session.open });
  // The heartbeat says it again until the publisher is gone.
  if (session.open)
    await srs.kick(session.state.client.clientId).catch((error: unknown) => {
      log.warn('kick_failed', { ...session.ref, error: reasonOf(error) });
    });
  return { status: 200, body: {} };
}
