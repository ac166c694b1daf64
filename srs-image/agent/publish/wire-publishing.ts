import type { StreamId } from '../../../functions/contract/ids';
import { Admission, type AdmissionDeps } from './admission';
import { Evacuation, type EvacuationDeps } from './evacuation';
import { SrsMonitor, type SrsMonitorDeps } from './srs-monitor';

/** Parts of the agent that publishing uses; it makes the others itself. */
export type PublishingDeps = AdmissionDeps & EvacuationDeps & Omit<SrsMonitorDeps, 'isWaiting'>;

/** The parts of publishing that the rest of the agent talks to. */
export interface Publishing {
  admission: Admission;
  watch: SrsMonitor;
  evacuation: Evacuation;
  isDraining: () => boolean;
  /** True for a stream that is published on this node, by its session or by SRS's own list. */
  isLive: (streamId: StreamId) => boolean;
}

/** Makes the parts of publishing: admission, the monitor of SRS's clients, and the evacuation of the node. */
export function wirePublishing(deps: PublishingDeps): Publishing {
  const admission = new Admission(deps);
  const watch = new SrsMonitor({ ...deps, isWaiting: (clientId) => admission.waiting.has(clientId) });
  const evacuation = new Evacuation(deps);
  const isOpen = (stream: StreamId) => deps.sessions.ofStream(stream).some(({ open }) => open);
  return {
    admission,
    watch,
    evacuation,
    isDraining: () => evacuation.begun,
    isLive: (stream) => isOpen(stream) || watch.isLive(stream),
  };
}
