import { OnUnpublish } from '../../../functions/contract/hooks/srs';
import { LIVE_APP } from '../../../functions/contract/ids';
import type { Clock, Log } from '../../../functions/ports/stores';
import type { Outbox } from '../cloud/outbox';
import type { Relay } from '../cloud/relay';
import { Isolation } from '../session/isolation';
import type { SegmentIngest } from '../session/segment-ingest';
import type { NodeSession } from '../session/session';

export interface SessionCloserDeps {
  segmentIngest: SegmentIngest;
  outbox: Outbox;
  relay: Relay;
  clock: Clock;
  log: Log;
}

/**
 * The on_unpublish SRS owes when it dies, in its own form. Without `param`: the cloud goes by the client, and the key
 * is not kept.
 */
const owed = ({ state, ref }: NodeSession): OnUnpublish =>
  OnUnpublish.parse({
    action: 'on_unpublish',
    ...state.publishedAs,
    service_id: state.client.serviceId,
    client_id: state.client.clientId,
    app: LIVE_APP,
    stream: ref.streamId,
    param: '',
    stream_url: `/${LIVE_APP}/${ref.streamId}`,
  });

/** Ends sessions on the node and tells the cloud. */
export class SessionCloser {
  private readonly isolation: Isolation;

  constructor(private readonly deps: SessionCloserDeps) {
    this.isolation = new Isolation(deps.log);
  }

  /** Ends each of them by itself: one whose journal cannot be written is tried again whenever somebody asks. */
  endEach(sessions: readonly NodeSession[], reason: string): void {
    for (const session of sessions) this.isolation.run('end', session.ref, () => this.end(session, reason));
  }

  /** Takes what SRS wrote to the last, then closes the session. Again for one that ended: nothing. */
  end(session: NodeSession, reason: string): void {
    if (!session.open) return;
    const { segmentIngest, clock, log } = this.deps;
    // A folder that cannot be read loses its last segment; the session ends all the same.
    this.isolation.run('last_look', session.ref, () => segmentIngest.look(session, false));
    session.record({ kind: 'ended', at: clock.now() });
    log.info('session_ended', { ...session.ref, clientId: session.state.client.clientId, reason });
    this.report(session);
  }

  /** Closes a session whose connection goes on in another one: there is nothing to tell. */
  close(session: NodeSession, reason: string): void {
    const { segmentIngest, clock, log } = this.deps;
    this.isolation.run('last_look', session.ref, () => segmentIngest.look(session, true));
    session.record({ kind: 'ended', at: clock.now() });
    session.record({ kind: 'reported' });
    log.info('session_ended', { ...session.ref, clientId: session.state.client.clientId, reason });
  }

  /** Says in the background that a session ended, until the cloud has heard it. */
  report(session: NodeSession): void {
    const body = owed(session);
    this.deps.outbox.add({
      name: `on_unpublish ${session.ref.sessionId}`,
      party: session.ref.streamId,
      send: async () => {
        const verdict = await this.deps.relay.once(body);
        if (verdict.kind === 'away') return false;
        if (verdict.kind === 'refused')
          this.deps.log.warn('unpublish_refused', { ...session.ref, message: verdict.message });
        if (session.state.client.clientId === body.client_id) session.record({ kind: 'reported' });
        return true;
      },
    });
  }
}
