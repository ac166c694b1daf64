import type { Call } from './call';
import type { Fields } from './json';
import type { RehearsalRefusal } from './refusal';
import type { World } from './world';

/** One rule that Google enforces: a switch of the stand-in. */
export interface GoogleRule {
  readonly name: string;
  /** The rule in one sentence. */
  readonly says: string;
  /** The page or report of its source. */
  readonly page: string;
  /** False where it holds only for organisations that asked for it. */
  readonly byDefault: boolean;
  /** Refuses a call at once, or makes its operation end with the refusal. */
  readonly check?: (call: Call, world: World) => RehearsalRefusal | undefined;
  /** Names a fault of a project after a deploy that Google accepts; `undefined` without one. */
  readonly review?: (world: World, project: string) => string | undefined;
  /** The constraint that enforces it, and its rule in force, as preflight reads them. */
  readonly policy?: { readonly constraint: string; readonly rule: Fields };
}
