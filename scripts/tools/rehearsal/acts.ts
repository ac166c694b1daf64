import { runProgram } from '../deploy/run-program';
import { CliError } from '../google/cli-error';
import { StackJson } from '../google/stack-json';
import type { RehearsalOptions } from './options';
import {
  applyOnce,
  deploy,
  destroy,
  isKept,
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
const preflight: Act = {
  name: 'npm run preflight',
  play: async ({ environment, env, say }) => {
    const { code, said } = await runProgram('preflight', [environment], env);
    for (const line of said.filter((one) => !one.startsWith('ok '))) say(`  ${line}`);
    if (code !== 0) throw new CliError('npm run preflight: not ready to deploy');
  },
};
const QUOTA = /^MISSING +quota (\w+) in [\w -]+: (\d+) may be needed, \d+ are allowed$/;

/** Quotas that preflight finds too small are granted as it asks for them; whatever else it finds ends the rehearsal. */
const asking: Act = {
  name: 'npm run preflight, and the quotas it asks for are granted',
  play: async ({ environment, env, world, say }) => {
    const { said } = await runProgram('preflight', [environment], env);
    const missing = said.filter((line) => line.startsWith('MISSING'));
    const asked = missing.map((line) => QUOTA.exec(line));
    if (asked.includes(null)) throw new CliError(`npm run preflight: not ready to deploy\n${missing.join('\n')}`);
    for (const [, metric = '', amount] of asked.filter((one) => one !== null)) {
      say(`  asked for and granted: ${metric} ${amount}`);
      world.raise(metric, Number(amount));
    }
    if (asked.length === 0) say('  nothing has to be asked for');
  },
};

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
const afterTenDays: Act = {
  name: 'npm run deploy, ten days later',
  play: async (rehearsal) => {
    rehearsal.world.advance(10 * DAY_MS);
    // The upgrade of the image is built by now.
    pushImages(rehearsal.world, StackJson.of(rehearsal.environment, await stackOf(rehearsal)));
    await deploy(rehearsal);
  },
};

const trying: Act = { name: 'npm run smoke', play: smoke };
const upgrades: Act = {
  name: 'upgrades',
  play: async (rehearsal) => {
    for (const change of UPGRADES) await upgrade(rehearsal, change);
  },
};

/**
 * From nothing to a platform, tried, upgraded, destroyed, and back after ten days; one that is kept ends where its
 * destroy is refused.
 */
const whole = (kept: boolean, brief: boolean): readonly Act[] => [
  foundation,
  asking,
  { name: 'npm run deploy', play: deploy },
  ...(brief ? [] : [trying]),
  { name: 'a second plan', play: planIsEmpty },
  ...(brief ? [] : [upgrades]),
  media,
  leaving,
  ...(kept ? [] : [afterTenDays, { name: 'a second plan again', play: planIsEmpty }]),
];

/** Returns the acts of a rehearsal, in order. */
export function actsOf(
  { play, preflight: asked }: Pick<RehearsalOptions, 'play' | 'preflight'>,
  stack: StackJson,
): readonly Act[] {
  if (play === 'whole' || play === 'brief') return whole(isKept(stack), play === 'brief');
  const once = [foundation, ...(asked ? [preflight] : []), one];
  return play === 'once' ? once : [...once, media, { name: 'destroy', play: destroy }, afterFortyDays];
}
