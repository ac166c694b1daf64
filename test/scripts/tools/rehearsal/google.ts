import { callOf, type GoogleReply } from '../../../../scripts/tools/rehearsal/google/call';
import { ControlPlane } from '../../../../scripts/tools/rehearsal/google/control-plane';
import { type Fields, fieldsOf, listAt, textAt } from '../../../../scripts/tools/rehearsal/google/json';
import { RULES } from '../../../../scripts/tools/rehearsal/google/rules';
import { type Delays, World, type WorldOptions } from '../../../../scripts/tools/rehearsal/google/world';

export const PROJECT = 'live-dev';
export const COMPUTE = `compute.googleapis.com/compute/v1/projects/${PROJECT}`;

export interface Said {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Fields;
  /** As `X-Goog-User-Project` has it. */
  readonly quotaProject?: string;
}

/** The stand-in of Google without HTTP, with a clock of its own, every service on, and the rules that are named. */
export class Google {
  readonly world: World;
  private readonly plane: ControlPlane;
  private time = Date.parse('2026-11-26T12:00:00Z');

  constructor(rules: readonly string[] = [], delays: Partial<Delays> = {}, options: Partial<WorldOptions> = {}) {
    this.world = new World({ projects: ['live-ops', PROJECT], delays, clock: { now: () => this.time }, ...options });
    for (const service of [
      'cloudfunctions',
      'compute',
      'firestore',
      'iam',
      'run',
      'secretmanager',
      'cloudresourcemanager',
    ])
      this.world.enable(PROJECT, service);
    this.plane = new ControlPlane(
      this.world,
      RULES.filter(({ name }) => rules.includes(name)),
    );
  }

  ask(method: string, target: string, { query = {}, body = {}, quotaProject = '' }: Said = {}): GoogleReply {
    return this.plane.answer(callOf({ method, target, query: new URLSearchParams(query), quotaProject, body }));
  }

  wait(seconds: number): void {
    this.time += seconds * 1000;
  }

  account(name: string): string {
    const path = `iam.googleapis.com/v1/projects/${PROJECT}/serviceAccounts`;
    return textAt(this.ask('POST', path, { body: { accountId: name } }).body, 'email');
  }

  bucket(name: string, body: Fields = {}): GoogleReply {
    return this.ask('POST', 'storage.googleapis.com/storage/v1/b', {
      query: { project: PROJECT },
      body: { name, location: 'EU', ...body },
    });
  }

  grant(bucket: string, role: string, member: string): GoogleReply {
    const path = `storage.googleapis.com/storage/v1/b/${bucket}/iam`;
    return this.ask('PUT', path, { body: { bindings: [{ role, members: [member] }] } });
  }
}

/** Google's words for a refusal, at once or of the operation it took; undefined if it did as it was told. */
export function refusalIn({ body }: GoogleReply): string | undefined {
  const { error } = fieldsOf(body);
  if (error === undefined) return undefined;
  return textAt(error, 'message') || textAt(listAt(error, 'errors')[0], 'message');
}
