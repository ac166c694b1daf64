import {
  ENVIRONMENTS,
  resourcesOf,
  synthBootstrap,
  synthEnvironment,
  type TerraformJson,
  TWO_REGIONS,
} from '../support/synth';
import { EDGE } from './policies/edge';
import { EVENTS } from './policies/events';
import { FUNCTIONS } from './policies/functions';
import { IAM } from './policies/iam';
import { MACHINES } from './policies/machines';
import { PROJECT } from './policies/project';
import type { Rule } from './policies/rule';
import { STORAGE } from './policies/storage';

const RULES: readonly Rule[] = [...IAM, ...STORAGE, ...FUNCTIONS, ...EVENTS, ...EDGE, ...MACHINES, ...PROJECT];

const { dev, staging, prod } = ENVIRONMENTS;
const synthesised = { dev: synthEnvironment(dev), staging: synthEnvironment(staging), prod: synthEnvironment(prod) };
const denying = { ...dev, playback: { ...dev.playback, deniedCountries: ['KP'], deniedRanges: ['192.0.2.0/24'] } };
const everywhere: readonly [string, TerraformJson][] = [
  ...Object.entries(synthesised),
  ['dev that denies', synthEnvironment(denying)],
  ['dev in two regions', synthEnvironment(TWO_REGIONS)],
  ['bootstrap', synthBootstrap()],
];

describe.each(RULES)('$name: $reason', ({ types, where = () => true, wrong, planted }) => {
  it('holds', () => {
    const subjects = everywhere.flatMap(([stack, json]) =>
      resourcesOf(json, types)
        .filter(where)
        .map((resource) => ({ stack, json, resource })),
    );
    const problems = subjects.flatMap(({ stack, json, resource }) => {
      const problem = wrong(resource, json);
      return problem === undefined ? [] : [`${stack} ${resource.path}: ${problem}`];
    });
    expect(problems).toEqual([]);
    expect(subjects.length).toBeGreaterThan(0);
  });

  it('refuses what breaks it', () => {
    const bad = { address: 'planted', path: 'planted', ...planted };
    expect(bad.type).toMatch(types);
    expect(wrong(bad, synthesised.prod)).toEqual(expect.any(String));
  });
});
