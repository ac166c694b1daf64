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

describe('the acts of a rehearsal in which something is wrong', () => {
  const one = (name: string) => {
    const options = optionsFrom(['dev', '--bad-input', name]);
    if (typeof options === 'string') throw new Error(options);
    return options.badInputs.flatMap((bad) => actsOf(options, stackOf('dev'), bad).map((act) => act.name));
  };

  it('are the command of the operators alone', () => {
    expect(one('no-billing')).toEqual(['npm run deploy: a project that nobody pays for']);
  });

  it('have bootstrap before them where it can be seen only then', () => {
    expect(one('image-not-built')).toEqual(['bootstrap', 'npm run deploy: images that nobody has built']);
  });

  it('are each of the ten one after the other, where all are asked for', () => {
    expect(one('all').filter((name) => name.startsWith('npm run deploy: '))).toHaveLength(10);
  });

  it('are by Terraform alone where another commit is judged', () => {
    const options = optionsFrom(['dev', '--once', '--bad-input', 'no-billing']);
    expect(options).toMatchObject({ play: 'once', badInputs: [{ name: 'no-billing' }] });
  });
});

describe('the command line of a rehearsal', () => {
  it('names every bad input where one is none of them', () => {
    expect(() => optionsFrom(['dev', '--bad-input', 'rain'])).toThrow(
      /^bad input 'rain': use some of all, wrong-project, no-billing, .*two-operators$/,
    );
  });

  it.each([
    [['dev', '--only', ''], []],
    [['dev', '--only', 'quotas-hold'], ['quotas-hold']],
  ])('enforces what %j names', (args, rules) => {
    expect(optionsFrom(args)).toMatchObject({ rules: rules.map((name) => ({ name })) });
  });

  it('names services that somebody switched on by hand', () => {
    expect(optionsFrom(['dev', '--once', '--by-hand', 'iam,artifactregistry'])).toMatchObject({
      play: 'once',
      byHand: ['iam', 'artifactregistry'],
    });
  });

  it('has no preflight of its own where the operators’ command runs one', () => {
    for (const args of [['dev'], ['dev', '--brief']])
      expect(() => optionsFrom([...args, '--preflight'])).toThrow(/^usage/);
  });
});
