import { StackJson } from '../../../../scripts/tools/google/stack-json';
import { actsOf } from '../../../../scripts/tools/rehearsal/acts';
import { optionsFrom } from '../../../../scripts/tools/rehearsal/options';
import { ENVIRONMENTS, synthEnvironment } from '../../../support/synth';

const stackOf = (name: 'dev' | 'prod') => StackJson.of(name, synthEnvironment(ENVIRONMENTS[name]));
const acts = (name: 'dev' | 'prod', ...args: string[]): string[] => {
  const options = optionsFrom([name, ...args]);
  if (typeof options === 'string') throw new Error(options);
  return actsOf(options, stackOf(name)).map((act) => act.name);
};

describe('the acts of a rehearsal', () => {
  it('go from nothing to a platform that is tried, upgraded, destroyed, and back', () => {
    expect(acts('dev')).toEqual([
      'bootstrap, then the images',
      'npm run preflight, and what it asks an administrator for is granted',
      'npm run deploy',
      'what stands is looked over',
      'npm run smoke',
      'a second plan',
      'npm run drift, as a run of CI without a key',
      'upgrades',
      ...['a day', '10 days', '40 days'].flatMap((away) => [
        'media is published',
        'destroy',
        `npm run deploy, ${away} later`,
        'a second plan again',
      ]),
    ]);
  });

  it('leave smoke test and upgrades out where they are to be brief', () => {
    const whole = acts('dev');
    expect(acts('dev', '--brief')).toEqual(whole.filter((name) => !['npm run smoke', 'upgrades'].includes(name)));
  });

  it('end at the destroy where an environment keeps what it has', () => {
    expect(acts('prod').at(-1)).toBe('destroy');
  });

  it('are one apply each where another commit is judged, with what is asked for beside', () => {
    expect(acts('dev', '--once')).toEqual(['bootstrap, then the images', 'one apply', 'what stands is looked over']);
    expect(acts('dev', '--once', '--preflight')).toEqual([
      'bootstrap, then the images',
      'npm run preflight',
      'one apply',
      'what stands is looked over',
    ]);
    expect(acts('prod', '--again').slice(3)).toEqual(['media is published', 'destroy', 'forty days later, one apply']);
  });
});

describe('the command line of a rehearsal', () => {
  it.each([
    [['dev', '--only', ''], []],
    [['dev', '--only', 'quotas-hold'], ['quotas-hold']],
  ])('enforces what %j names', (args, rules) => {
    expect(optionsFrom(args)).toMatchObject({ rules: rules.map((name) => ({ name })) });
  });

  it('names services that somebody switched on by hand', () => {
    expect(optionsFrom(['dev', '--once', '--by-hand', 'iam,artifactregistry'])).toMatchObject({
      ...{ play: 'once', byHand: ['iam', 'artifactregistry'] },
    });
  });

  it('has no preflight of its own where the operators’ command runs one', () => {
    for (const args of [['dev'], ['dev', '--brief']])
      expect(() => optionsFrom([...args, '--preflight'])).toThrow(/^usage/);
  });
});
