import type { AgentEnv } from '../../../functions/contract/env/agent';
import type { RenditionReport } from '../../../functions/contract/packaging';
import type { PackagingJobs } from '../packaging/ports';
import type { NodeSession } from '../session/session';
import { packagingDeps } from './packaging-deps';
import { Semaphore } from './semaphore';
import type { SessionUploaderDeps } from './session-uploader';
import { Uploads } from './uploads';

/** Parts of the agent that uploads use; they make the others themselves. */
export type UploadingDeps = Omit<SessionUploaderDeps, 'packaging' | 'gate'> & {
  settings: () => Pick<AgentEnv, 'uploadsAtOnce'>;
  packaging?: { jobs: PackagingJobs; ladderCores: number } | undefined;
  stop: AbortSignal;
  /** Looks after work that nothing waits for. */
  background: (work: Promise<void>) => void;
};

/** The parts of uploads that the rest of the agent talks to. */
export interface Uploading {
  uploads: Uploads;
  /** Returns the state of a session's renditions; `undefined` where it is in transport streams. */
  renditionsOf: (session: NodeSession) => readonly RenditionReport[] | undefined;
}

/** Makes the parts of uploads: packaging, the limit of uploads at a time, and the uploaders. */
export function wireUploads(deps: UploadingDeps): Uploading {
  const packaging = packagingDeps(deps.packaging);
  const gate = new Semaphore(() => deps.settings().uploadsAtOnce);
  return {
    uploads: new Uploads({ ...deps, packaging, gate }, deps.stop, deps.background),
    renditionsOf: (session) => packaging?.states.of(session),
  };
}
