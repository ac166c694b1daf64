import type { MediaReport } from '../../functions/contract/media-report';
import type { Log } from '../../functions/core/ports';
import { Inspector } from './inspect/inspector';
import type { Session } from './session';

/** What publishers send, each connection looked at anew. */
export class Inspections {
  private readonly known = new WeakMap<Session, { clientId: string; inspector: Inspector }>();

  constructor(private readonly deps: { segmentSeconds: number; log: Log }) {}

  /** The next segment of a session, in order. A segment that cannot be read costs the report only. */
  take(session: Session, segment: Uint8Array): void {
    const inspector = this.of(session);
    if (inspector.isDone) return;
    try {
      inspector.take(segment);
    } catch (error) {
      this.deps.log.error('inspection_failed', { ...session.ref, error });
    }
    if (inspector.isDone) this.deps.log.info('publisher_inspected', { ...session.ref, ...this.reportOf(session) });
  }

  reportOf(session: Session): MediaReport | undefined {
    const report = this.of(session).report;
    // A browser has no keyframe interval: SRS asks it for keyframes.
    if (report?.video === undefined || session.state.publishedAs.tcUrl !== '') return report;
    const { keyframeSeconds: _, ...video } = report.video;
    return { ...report, video };
  }

  private of(session: Session): Inspector {
    const { clientId } = session.state.client;
    const known = this.known.get(session);
    if (known?.clientId === clientId) return known.inspector;
    const inspector = new Inspector(this.deps.segmentSeconds);
    this.known.set(session, { clientId, inspector });
    return inspector;
  }
}
