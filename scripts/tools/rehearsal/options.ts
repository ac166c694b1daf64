import { StartError } from '../../emulators/server/start-error';
import { parseCommandLine } from '../google/command';
import type { Rule } from './google/rule';
import { RULES } from './google/rules';

export const USAGE = `usage: npm run deploy:rehearsal -- <env> [options]

Deploys an environment to a strict stand-in of Google on this machine, upgrades it, destroys it, and deploys it again. Needs Terraform, and
the provider's plugin where TF_CLI_CONFIG_FILE or a network says it is. Nothing reaches Google.
  --only <rules>      enforces these alone
  --without <rules>   enforces all but these
  --with <rules>      enforces these beside what holds in a new organisation
  --once              bootstrap and environment by Terraform alone, one apply each; no upgrade, no destroy
  --rules             says what can be enforced, and where it is known from
CDKTF_OUTDIR names stacks that were synthesised elsewhere, such as those of another commit.`;

export interface RehearsalOptions {
  readonly environment: string;
  readonly rules: readonly Rule[];
  readonly once: boolean;
}

/** One line a rule. */
export const ruleLines = (): string[] =>
  RULES.map(({ name, says, page, byDefault }) => `${name}${byDefault ? '' : ' (--with)'}: ${says}\n    ${page}`);

function named(list: string | undefined): readonly Rule[] {
  const names = list === undefined ? [] : list.split(',');
  return names.map((name) => {
    const rule = RULES.find((one) => one.name === name);
    if (rule === undefined) throw new StartError(`rule '${name}': use some of ${RULES.map((one) => one.name).join(', ')}`);
    return rule;
  });
}

/** The command line; `rules` or `help` where that is all it asks for. */
export function optionsFrom(args: readonly string[]): RehearsalOptions | 'rules' | 'help' {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { only: text, without: text, with: text, once: flag, rules: flag, help: { ...flag, short: 'h' } } as const;
  const { values, positionals } = parseCommandLine({ args: [...args], allowPositionals: true, options }, USAGE);
  if ('help' in values) return 'help';
  if ('rules' in values) return 'rules';
  const [environment, ...more] = positionals;
  if (environment === undefined || more.length > 0) throw new StartError(USAGE);
  const said = (name: string): string | undefined => {
    const value: unknown = Reflect.get(values, name);
    return typeof value === 'string' ? value : undefined;
  };
  const [without, beside] = [named(said('without')), named(said('with'))];
  const usual = RULES.filter((rule) => (rule.byDefault || beside.includes(rule)) && !without.includes(rule));
  return { environment, rules: said('only') === undefined ? usual : named(said('only')), once: 'once' in values };
}
