import type { Call, GoogleReply } from './call';
import type { World } from './world';

/** A request beyond making, reading, changing or deleting a resource. */
export interface Special {
  /** Such as `compute`; `*` for every service. */
  readonly service: string;
  /** Matches `<verb or method> <path>`, such as `enable projects/p/services/x`. */
  readonly said: RegExp;
  readonly answer: (call: Call, world: World) => GoogleReply;
}

export const ok = (body: unknown = {}): GoogleReply => ({ status: 200, body });
