import type { NodeSession } from '../session/session';
import { SessionUploader, type SessionUploaderDeps } from './session-uploader';

/** The uploads of all sessions: each has one uploader, until it is finished or the agent stops. */
export class Uploads {
  private readonly running = new Set<NodeSession>();

  constructor(
    private readonly deps: SessionUploaderDeps,
    private readonly stop: AbortSignal,
    /** Looks after work that nothing waits for. */
    private readonly background: (work: Promise<void>) => void,
  ) {}

  begin(session: NodeSession): void {
    if (this.running.has(session)) return;
    this.running.add(session);
    const uploader = new SessionUploader(session, this.deps).run(this.stop).finally(() => {
      this.running.delete(session);
      // It was resumed at the very moment its uploader was done.
      if (!session.state.finished && !this.stop.aborted) this.begin(session);
    });
    this.background(uploader);
  }
}
