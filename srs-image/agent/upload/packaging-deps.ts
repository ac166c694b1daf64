import { LadderRoom } from '../packaging/ladder-room';
import type { PackagingJobs } from '../packaging/ports';
import { RenditionStates } from '../packaging/rendition-states';
import type { PackagingDeps } from './cmaf-segments';
import { Semaphore } from './semaphore';

/** A packager takes a tenth of a second: so many at once are enough for hundreds of streams, and a bounded load. */
const MAX_CONCURRENT_SOURCES = 4;

/** The gates of a node that can package; `undefined` for one that cannot. */
export function packagingDeps(
  given: { jobs: PackagingJobs; ladderCores: number } | undefined,
): PackagingDeps | undefined {
  if (given === undefined) return undefined;
  const { jobs, ladderCores } = given;
  return {
    jobs,
    sourceGate: new Semaphore(() => MAX_CONCURRENT_SOURCES),
    rungGate: new Semaphore(() => Math.max(1, Math.floor(ladderCores))),
    room: new LadderRoom(ladderCores),
    states: new RenditionStates(),
  };
}
