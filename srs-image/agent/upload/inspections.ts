import type { ClockFault, MediaReport } from '../../../functions/contract/media-report';
import type { Log } from '../../../functions/ports/stores';
import { Inspector } from '../inspect/inspector';
import type { NodeSession } from '../session/session';

interface Inspected {
  clientId: string;
  /** The encoding it looks at. */
  format: string | undefined;
  inspector: Inspector;
  /** The report of the previous encoding, until there is enough of this one. */
  before?: MediaReport | undefined;
}

/** Inspects what publishers send, each connection and each of its encodings by itself. */
export class Inspections {
  private readonly known = new WeakMap<NodeSession, Inspected>();

  constructor(private readonly deps: { segmentSeconds: number; log: Log }) {}

  /** The next segment of a session, in order. A segment that cannot be read costs the report only. */
  take(session: NodeSession, segment: Uint8Array, format?: string): void {
    const { inspector } = this.of(session, format);
    if (inspector.isDone) return;
    try {
      inspector.take(segment);
    } catch (error) {
      this.deps.log.error('inspection_failed', { ...session.ref, error });
    }
    if (inspector.isDone) this.deps.log.info('publisher_inspected', { ...session.ref, ...this.reportOf(session) });
  }

  /** `clock`: what is wrong with its clocks right now. */
  reportOf(session: NodeSession, clock?: ClockFault): MediaReport | undefined {
    const report = this.seenOf(session);
    if (clock === undefined) return report;
    return { ...(report ?? { segmentSeconds: this.deps.segmentSeconds }), clock };
  }

  private seenOf(session: NodeSession): MediaReport | undefined {
    const { inspector, before } = this.of(session);
    const report = inspector.report ?? before;
    // A browser has no keyframe interval: SRS asks it for keyframes.
    if (report?.video === undefined || session.state.publishedAs.tcUrl !== '') return report;
    const { keyframeSeconds: _, ...video } = report.video;
    return { ...report, video };
  }

  private of(session: NodeSession, format?: string): Inspected {
    const { clientId } = session.state.client;
    const known = this.known.get(session);
    const isSame = known?.clientId === clientId && (format === undefined || known.format === format);
    if (known !== undefined && isSame) return known;
    const before = known?.clientId === clientId ? (known.inspector.report ?? known.before) : undefined;
    const fresh = { clientId, format, inspector: new Inspector(this.deps.segmentSeconds), before };
    this.known.set(session, fresh);
    return fresh;
  }
}
