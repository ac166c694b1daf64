import { runProgram } from '../deploy/run-program';
import { CliError } from '../google/cli-error';
import { StackJson } from '../google/stack-json';
import type { BadInput } from './bad-inputs';
import { scheduledDrift } from './ci-run';
import type { World } from './google/world';
import type { RehearsalOptions } from './options';
import {
  applyOnce,
  deploy,
  destroy,
  isKept,
  isRefused,
  lookOver,
  planIsEmpty,
  publish,
  type Rehearsal,
  refusesToGo,
  stackOf,
  upgrade,
} from './rehearsal';
import { pushImages } from './seed';
import { smoke } from './smoke';
import { UPGRADES } from './upgrades';

export interface Act {
  readonly name: string;
  readonly play: (rehearsal: Rehearsal) => Promise<void>;
}

const DAY_MS = 86_400_000;

const foundation: Act = {
  name: 'bootstrap, then the images',
  play: async (rehearsal) => {
    await applyOnce(rehearsal, 'bootstrap');
    rehearsal.say(`  ${pushImages(rehearsal.world, rehearsal.stack)} images pushed`);
  },
};
const bootstrapAlone: Act = { name: 'bootstrap', play: (rehearsal) => applyOnce(rehearsal, 'bootstrap') };
const preflight: Act = {
  name: 'npm run preflight',
  play: async ({ environment, env, say }) => {
    const { code, said } = await runProgram('preflight', [environment], env);
    for (const line of said.filter((one) => !one.startsWith('ok '))) say(`  ${line}`);
    if (code !== 0) throw new CliError('npm run preflight: not ready to deploy');
  },
};
const QUOTA = /^MISSING +quota (\w+) in [\w -]+: (\d+) may be needed, \d+ are allowed$/;
const POLICY = /^MISSING +organisation policy ([\w.]+): /;

/** Grants the rights that preflight asks an administrator for; any other finding ends the rehearsal. */
const asking: Act = {
  name: 'npm run preflight, and what it asks an administrator for is granted',
  play: async ({ environment, env, world, say }) => {
    const { said } = await runProgram('preflight', [environment], env);
    const missing = said.filter((line) => line.startsWith('MISSING'));
    const strange = missing.filter((line) => !QUOTA.test(line) && !POLICY.test(line));
    if (strange.length > 0) throw new CliError(`npm run preflight: not ready to deploy\n${strange.join('\n')}`);
    for (const line of missing) say(`  asked for and granted: ${granted(world, line)}`);
    if (missing.length === 0) say('  nothing has to be asked for');
  },
};

/** Grants the right that one line of preflight asks for; returns what it was. */
function granted(world: World, line: string): string {
  const [, constraint] = POLICY.exec(line) ?? [];
  if (constraint !== undefined) {
    world.lifted.add(constraint);
    return `an exception of ${constraint}`;
  }
  const [, metric = '', amount] = QUOTA.exec(line) ?? [];
  world.raise(metric, Number(amount));
  return `${metric} ${amount}`;
}

const review: Act = { name: 'what stands is looked over', play: lookOver };
const one: Act = { name: 'one apply', play: (rehearsal) => applyOnce(rehearsal, rehearsal.environment) };
const media: Act = { name: 'media is published', play: publish };

const afterFortyDays: Act = {
  name: 'forty days later, one apply',
  play: async (rehearsal) => {
    rehearsal.world.advance(40 * DAY_MS);
    await applyOnce(rehearsal, rehearsal.environment);
  },
};

const leaving: Act = {
  name: 'destroy',
  play: async (rehearsal) => {
    if (isKept(rehearsal.stack)) await refusesToGo(rehearsal);
    else await destroy(rehearsal);
  },
};
/**
 * Days after which a destroyed environment is made again: the next day, when roles can be undeleted, and when their
 * names are free again.
 */
const DAYS_AWAY = [1, 10, 40] as const;

const back = (days: number): readonly Act[] => [
  media,
  leaving,
  {
    name: `npm run deploy, ${days === 1 ? 'a day' : `${days} days`} later`,
    play: async (rehearsal) => {
      rehearsal.world.advance(days * DAY_MS);
      // By now the upgrade of the image is built.
      pushImages(rehearsal.world, StackJson.of(rehearsal.environment, await stackOf(rehearsal)));
      await deploy(rehearsal);
    },
  },
  { name: 'a second plan again', play: planIsEmpty },
];

const scheduled: Act = { name: 'npm run drift, as a run of CI without a key', play: scheduledDrift };
const trying: Act = { name: 'npm run smoke', play: smoke };
const upgrades: Act = {
  name: 'upgrades',
  play: async (rehearsal) => {
    for (const change of UPGRADES) await upgrade(rehearsal, change);
  },
};

/**
 * The whole play: from nothing to a platform, tried, upgraded, destroyed, and made again after one, ten and forty days;
 * a protected environment ends where its destroy is refused.
 */
const whole = (kept: boolean, brief: boolean): readonly Act[] => [
  foundation,
  asking,
  { name: 'npm run deploy', play: deploy },
  review,
  ...(brief ? [] : [trying]),
  { name: 'a second plan', play: planIsEmpty },
  scheduled,
  ...(brief ? [] : [upgrades]),
  ...(kept ? [media, leaving] : DAYS_AWAY.flatMap(back)),
];

const refused = (bad: BadInput): readonly Act[] => [
  ...(bad.afterBootstrap === true ? [bootstrapAlone] : []),
  { name: `npm run deploy: ${bad.says}`, play: (rehearsal) => isRefused(rehearsal, bad) },
];

/** Returns the acts of a rehearsal, in order. */
export function actsOf(
  { play, preflight: asked }: Pick<RehearsalOptions, 'play' | 'preflight'>,
  stack: StackJson,
  bad?: BadInput,
): readonly Act[] {
  if (play === 'refused') return bad === undefined ? [] : refused(bad);
  if (play === 'whole' || play === 'brief') return whole(isKept(stack), play === 'brief');
  const once = [foundation, ...(asked ? [preflight] : []), one, review];
  return play === 'once' ? once : [...once, media, { name: 'destroy', play: destroy }, afterFortyDays];
}
