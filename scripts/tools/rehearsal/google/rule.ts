import type { Call } from './call';
import type { Fields } from './json';
import type { RehearsalRefusal } from './refusal';
import type { World } from './world';

/** One thing that Google enforces: a switch of the stand-in. */
export interface GoogleRule {
  readonly name: string;
  /** One sentence, as an operator would tell it. */
  readonly says: string;
  /** The page or report it is known from. */
  readonly page: string;
  /** Off where it holds only for organisations that asked for it. */
  readonly byDefault: boolean;
  /** Refuses a call at once, or lets its operation end with the refusal. */
  readonly check?: (call: Call, world: World) => RehearsalRefusal | undefined;
  /** Says what is wrong in a project after a deploy, although Google takes it; `undefined` if nothing is. */
  readonly review?: (world: World, project: string) => string | undefined;
  /** The constraint that enforces it, and its rule in force, as preflight asks for them. */
  readonly policy?: { readonly constraint: string; readonly rule: Fields };
}
