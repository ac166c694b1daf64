import { CliError } from '../google/cli-error';
import { parseCommandLine } from '../google/command';
import { BAD_INPUTS, type BadInput } from './bad-inputs';
import type { GoogleRule } from './google/rule';
import { RULES } from './google/rules';

export const USAGE = `usage: npm run deploy:rehearsal -- <env> [options]

Deploys an environment to a strict stand-in of Google on this machine, upgrades it, destroys it, and deploys it again.
Needs Terraform, and the provider's plugin from TF_CLI_CONFIG_FILE or from the network. Nothing reaches Google.
  --only <rules>      enforces these alone
  --without <rules>   enforces all but these
  --with <rules>      enforces these beside what holds in a new organisation
  --brief             without smoke test and upgrades
  --once              bootstrap and environment by Terraform alone, one apply each; no upgrade, no destroy
  --again             as --once, then destroyed with media in its buckets, and forty days later one apply more
  --preflight         with --once or --again: npm run preflight stands before the environment's apply
  --by-hand <names>   services that somebody switched on in every project before: iam,artifactregistry
  --bad-input <name>  something is wrong, and npm run deploy has to say so before it makes anything; 'all' for each of
                      ${BAD_INPUTS.map(({ name }) => name).join(', ')};
                      with --once or --again: the same world, by Terraform alone
  --config <file>     JSON that is laid over the configuration: {"dev": {"ipv6": true}}
  --on <date>         the day it is played on, such as 2027-11-01, so long as no certificate is asked for
  --currency <name>   of the billing account (EUR)
  --rules             says what can be enforced, and where it is known from
CDKTF_OUTDIR names stacks that were synthesised elsewhere, such as those of another commit.`;

export interface RehearsalOptions {
  readonly environment: string;
  readonly rules: readonly GoogleRule[];
  /**
   * `whole`: by the operators' own command, with smoke test and upgrades; `brief`: without these; `refused`: the
   * command ends before it makes anything; the others by Terraform alone.
   */
  readonly play: 'whole' | 'brief' | 'refused' | 'once' | 'again';
  readonly preflight: boolean;
  /** Services that are enabled in every project before anything is made, such as `iam`. */
  readonly byHand: readonly string[];
  /** Faults, each of which is a rehearsal of its own. */
  readonly badInputs: readonly BadInput[];
  /** JSON file that is laid over the configuration. */
  readonly config?: string;
  /** Milliseconds since 1970; today if absent. */
  readonly onMs?: number;
  /** Currency of the billing account. */
  readonly currency?: string;
}

/** Returns one line for each rule. */
export const ruleLines = (): string[] =>
  RULES.map(({ name, says, page, byDefault }) => `${name}${byDefault ? '' : ' (--with)'}: ${says}\n    ${page}`);

function named(list: string | undefined): readonly GoogleRule[] {
  const names = list === undefined || list === '' ? [] : list.split(',');
  return names.map((name) => {
    const rule = RULES.find((one) => one.name === name);
    if (rule === undefined)
      throw new CliError(`rule '${name}': use some of ${RULES.map((one) => one.name).join(', ')}`);
    return rule;
  });
}

function badInputsOf(list: string | undefined): readonly BadInput[] {
  if (list === undefined) return [];
  if (list === 'all') return BAD_INPUTS;
  return list.split(',').map((name) => {
    const bad = BAD_INPUTS.find((one) => one.name === name);
    if (bad === undefined)
      throw new CliError(`bad input '${name}': use some of all, ${BAD_INPUTS.map((one) => one.name).join(', ')}`);
    return bad;
  });
}

const PLAYS = ['again', 'once', 'brief'] as const;

/** Parses the command line; `rules` or `help` where it asks for these. */
export function optionsFrom(args: readonly string[]): RehearsalOptions | 'rules' | 'help' {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const choices = { only: text, without: text, with: text, 'by-hand': text, 'bad-input': text } as const;
  const places = { config: text, on: text, currency: text } as const;
  const plays = { brief: flag, once: flag, again: flag, preflight: flag } as const;
  const options = { ...choices, ...places, ...plays, rules: flag, help: { ...flag, short: 'h' } } as const;
  const { values, positionals } = parseCommandLine({ args: [...args], allowPositionals: true, options }, USAGE);
  if ('help' in values) return 'help';
  if ('rules' in values) return 'rules';
  const [environment, ...more] = positionals;
  if (environment === undefined || more.length > 0) throw new CliError(USAGE);
  const has = (name: string): boolean => name in values;
  const said = (name: string): string | undefined => {
    const value: unknown = Reflect.get(values, name);
    return typeof value === 'string' ? value : undefined;
  };
  const badInputs = badInputsOf(said('bad-input'));
  const play = PLAYS.find(has) ?? (badInputs.length === 0 ? 'whole' : 'refused');
  if (badInputs.length > 0 && play === 'brief') throw new CliError(USAGE);
  if (has('preflight') && ['whole', 'brief', 'refused'].includes(play)) throw new CliError(USAGE);
  const byHand = said('by-hand')?.split(',') ?? [];
  const config = said('config');
  const on = said('on');
  const currency = said('currency');
  return {
    ...(config !== undefined && { config }),
    ...(on !== undefined && { onMs: dayOf(on) }),
    ...(currency !== undefined && { currency }),
    environment,
    rules: rulesOf(said('only'), said('with'), said('without')),
    play,
    badInputs,
    preflight: has('preflight'),
    byHand,
  };
}

function dayOf(on: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(on) ? Date.parse(on) : Number.NaN;
  if (Number.isNaN(ms)) throw new CliError(`--on '${on}': use a date such as 2027-11-01`);
  return ms;
}

function rulesOf(only?: string, beside?: string, without?: string): readonly GoogleRule[] {
  if (only !== undefined) return named(only);
  const more = named(beside);
  const fewer = named(without);
  return RULES.filter((rule) => (rule.byDefault || more.includes(rule)) && !fewer.includes(rule));
}
