import { dev } from '../../infra/config/environments/dev';
import { ConfigError, loadConfig } from '../../infra/config/load';
import { platform } from '../../infra/config/platform';
import { EnvironmentConfig, PlatformConfig } from '../../infra/config/schema';

/** The lines of the error `input` gives, or none. */
function problemsOf(input: unknown): readonly string[] {
  try {
    loadConfig(EnvironmentConfig, { dev: input });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('an environment', () => {
  it('is taken as it is written', () => {
    expect(loadConfig(EnvironmentConfig, { dev }).dev).toEqual(dev);
  });

  it('is refused without a field', () => {
    const { region: _region, ...rest } = dev;
    expect(problemsOf(rest)).toEqual([expect.stringMatching(/^dev\.region: missing; /)]);
  });

  it.each<[string, object, string]>([
    ['a name that is none', { name: 'test' }, 'dev.name: got "test"; Invalid option: expected one of "dev"|"staging"|"prod"'],
    ['a project that is none', { projectId: 'P' }, 'dev.projectId: got "P"; use a project id: 6-30 of a-z, 0-9, -'],
    [
      'a domain with its root dot',
      { domain: 'live.dev.example.com.' },
      'dev.domain: got "live.dev.example.com."; use a DNS name',
    ],
    ['no zone', { zones: [] }, 'dev.zones: got []; Too small'],
    ['a number out of bounds', { reconnectWindowSeconds: 1801 }, 'dev.reconnectWindowSeconds: got 1801; Too big'],
    ['a number as text', { heartbeatSeconds: '5' }, 'dev.heartbeatSeconds: got "5"; Invalid input: expected number'],
    ['a half day', { abandonedIngestDays: 2.5 }, 'dev.abandonedIngestDays: got 2.5; Invalid input: expected int'],
    [
      'an origin that is a path',
      { playerOrigins: ['https://a.example/x'] },
      'dev.playerOrigins.0: got "https://a.example/x"; use',
    ],
    ['a misspelt field', { regoin: 'x' }, 'dev.regoin: there is no such field; look for a misspelling'],
    ['a misspelt inner field', { origin: { ...dev.origin, node: 1 } }, 'dev.origin.node: there is no such field'],
    [
      'an image that moves',
      { origin: { ...dev.origin, imageTag: 'latest' } },
      'dev.origin.imageTag: got "latest"; must not be \'latest\'',
    ],
    [
      'more nodes at least than at most',
      { origin: { ...dev.origin, minNodes: 3 } },
      'dev.origin.minNodes: got 3; must be at most maxNodes',
    ],
    [
      'more instances at least than at most',
      { functions: { ...dev.functions, api: { ...dev.functions.api, minInstances: 9 } } },
      'dev.functions.api.minInstances: got 9; must be at most maxInstances',
    ],
    ['a function without a size', { functions: { ...dev.functions, api: undefined } }, 'dev.functions.api: missing; '],
    [
      'a domain outside its zone',
      { domain: 'live.example.org' },
      'dev.domain: got "live.example.org"; must lie in dnsZone.domain',
    ],
    ['a zone of another region', { zones: ['us-central1-a'] }, 'dev.zones: got ["us-central1-a"]; must all lie in region'],
    [
      'a window longer than the session’s',
      { reconnectWindowSeconds: 700 },
      'dev.reconnectWindowSeconds: got 700; must be at most',
    ],
    ['a prod that can be destroyed', { name: 'prod' }, "dev.destroyable: got true; must be false where name is 'prod'"],
  ])('is refused with %s', (_what, change, problem) => {
    const problems = problemsOf({ ...dev, ...change });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it('is refused with all problems at once, also those between fields', () => {
    const bad = {
      ...dev,
      region: 7,
      domain: 'live.example.org',
      regoin: 'x',
      reconnectWindowSeconds: 700,
      origin: { ...dev.origin, minNodes: 3, imageTag: '' },
    };
    expect(problemsOf(bad).map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining([
        'dev.region',
        'dev.domain',
        'dev.regoin',
        'dev.reconnectWindowSeconds',
        'dev.origin.minNodes',
        'dev.origin.imageTag',
      ]),
    );
  });

  it('is refused together with the others', () => {
    expect(() => loadConfig(EnvironmentConfig, { dev: { ...dev, region: 1 }, prod: 'nothing' })).toThrow(
      /2 problems:\ndev\.region: got 1; .*\nprod: got "nothing"; /,
    );
  });

  it.each([null, [], 3, 'x', undefined])('is refused when it is %p', (input) => {
    expect(problemsOf(input)).toHaveLength(1);
  });
});

describe('the platform', () => {
  it('is refused with a bucket name Google would refuse', () => {
    expect(() => loadConfig(PlatformConfig, { platform: { ...platform, stateBucket: 'State' } })).toThrow(
      'platform.stateBucket: got "State"; use a bucket name',
    );
  });
});
