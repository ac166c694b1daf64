import { basicRules } from './basic';
import { isMultivariant, type RuleFinding, readLines } from './lines';
import { mediaRules } from './media';
import { multivariantRules } from './multivariant';

export type { RuleFinding } from './lines';
export { checkSuccession, checkVariants } from './succession';

/**
 * Finds the broken rules of draft-pantos-hls-rfc8216bis in one playlist: clauses 4.1, 4.4 and 8, and 6.2.3 as far as
 * one text shows it. `checkSuccession` covers 6.2.1 and 6.2.2, `checkVariants` 6.2.4. An empty list is right.
 */
export function checkPlaylist(text: string): RuleFinding[] {
  const lines = readLines(text);
  const rules = [...basicRules, ...(isMultivariant(lines) ? multivariantRules : mediaRules)];
  return rules.flatMap((rule) => rule(lines));
}
