import type { Call } from './call';
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
  readonly check: (call: Call, world: World) => RehearsalRefusal | undefined;
}
