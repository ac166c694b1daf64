import { z } from 'zod';
import { dev } from '../../infra/config/environments/dev';
import { ConfigError, loadConfig } from '../../infra/config/load';
import { platform } from '../../infra/config/platform';
import { EnvironmentConfig, environmentNamed, PlatformConfig } from '../../infra/config/schema';

/** The lines of the error `input` gives, or none. */
function problemsOf(input: unknown): readonly string[] {
  try {
    loadConfig({ dev: EnvironmentConfig }, { dev: input });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('an environment', () => {
  it('is taken as it is written', () => {
    expect(loadConfig({ dev: EnvironmentConfig }, { dev }).dev).toEqual(dev);
  });

  it('is refused without a field', () => {
    const { regions: _regions, ...rest } = dev;
    expect(problemsOf(rest)).toEqual([expect.stringMatching(/^dev\.regions: missing; /)]);
  });

  it.each<[string, object, string]>([
    [
      'a name that is none',
      { name: 'test' },
      'dev.name: got "test"; Invalid option: expected one of "dev"|"staging"|"prod"',
    ],
    ['a project that is none', { projectId: 'P' }, 'dev.projectId: got "P"; use a project id: 6-30 of a-z, 0-9, -'],
    [
      'a domain with its root dot',
      { domain: 'live.dev.example.com.' },
      'dev.domain: got "live.dev.example.com."; use a DNS name',
    ],
    ['no zone', { zones: [] }, 'dev.zones: got []; use 1 to 8 of: a zone, such as europe-west1-b'],
    [
      'a number out of bounds',
      { reconnectWindowSeconds: 1801 },
      'dev.reconnectWindowSeconds: got 1801; use a whole number, 0 to 1800',
    ],
    ['a number as text', { heartbeatSeconds: '5' }, 'dev.heartbeatSeconds: got "5"; use a number, 1 to 10'],
    ['a half day', { abandonedIngestDays: 2.5 }, 'dev.abandonedIngestDays: got 2.5; use a whole number, 2 to 30'],
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
      'edges that the autoscaler never starts',
      { edge: { ...dev.edge, maxNodes: 3 } },
      'dev.edge.minNodes: got 0; must be at least 1 where maxNodes is more than 0',
    ],
    [
      'more edges at least than at most',
      { edge: { ...dev.edge, minNodes: 3, maxNodes: 2 } },
      'dev.edge.minNodes: got 3; must be at most maxNodes',
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
    [
      'a zone of another region',
      { zones: ['us-central1-a'] },
      'dev.zones: got ["us-central1-a"]; must all lie in region',
    ],
    [
      'a window longer than the session’s',
      { reconnectWindowSeconds: 700 },
      'dev.reconnectWindowSeconds: got 700; must be at most',
    ],
    [
      'a drain that ends before its publishers were sent on',
      { origin: { ...dev.origin, scaleIn: { ...dev.origin.scaleIn, drainSeconds: 1199 } } },
      'dev.origin.scaleIn.drainSeconds: got 1199; must be at least evacuateAfterSeconds + 600',
    ],
    [
      'a surge that Google refuses',
      { zones: ['europe-west1-b', 'europe-west1-c', 'europe-west1-d'], origin: { ...dev.origin, surge: 2 } },
      'dev.origin.surge: got 2; must be 0 or at least the number of zones',
    ],
    [
      'playlists kept longer than half a segment',
      { playback: { ...dev.playback, signedPlaylistSeconds: 2 } },
      'dev.playback.signedPlaylistSeconds: got 2; must be at most half of segmentSeconds',
    ],
    [
      'segments so short that a playlist is cached for more than half of one',
      { playback: { ...dev.playback, segmentSeconds: 1, signedPlaylistSeconds: 0 } },
      'dev.playback.segmentSeconds: got 1; use a whole number, 2 to 10',
    ],
    [
      'viewers by HTTP-FLV that are fewer than none',
      { playback: { ...dev.playback, flvViewers: { ...dev.playback.flvViewers, perNode: -1 } } },
      'dev.playback.flvViewers.perNode: got -1; use a whole number, 0 to 100000',
    ],
    [
      'more grants than anybody could watch',
      { playback: { ...dev.playback, grantsPerStream: 0 } },
      'dev.playback.grantsPerStream: got 0; use a whole number, 1 to 1000000',
    ],
    [
      'signed playback without keys',
      { playback: { ...dev.playback, signingKeys: 0 } },
      'dev.playback.signingKeys: got 0; gated streams are signed, and a rotation needs a second key: use 2 or 3',
    ],
    [
      'more keys than Cloud CDN takes',
      { playback: { ...dev.playback, signingKeys: 4 } },
      'dev.playback.signingKeys: got 4; use a whole number, 2 to 3',
    ],
    [
      'a country denied where others are listed',
      { playback: { ...dev.playback, onlyCountries: ['DE'], deniedCountries: ['FR'] } },
      'dev.playback.deniedCountries: got ["FR"]; must be empty where onlyCountries is set',
    ],
    [
      'a country that is none',
      { playback: { ...dev.playback, deniedCountries: ['Germany'] } },
      'dev.playback.deniedCountries.0: got "Germany"; use a country as ISO 3166 has it',
    ],
    [
      'a network that is none',
      { playback: { ...dev.playback, deniedRanges: ['192.0.2.1'] } },
      'dev.playback.deniedRanges.0: got "192.0.2.1"; use a network, such as 192.0.2.0/24',
    ],
    [
      'segments dropped before viewers are done with them',
      { unrecordedDays: 0 },
      'dev.unrecordedDays: got 0; must be at least 1, because viewers can go back 3600 s',
    ],
    [
      'a budget nobody hears of',
      { budget: { ...dev.budget, emails: [], billingAdministrators: false } },
      'dev.budget.emails: got []; must have an address where billingAdministrators is false',
    ],
    [
      'more people than a budget can tell',
      { budget: { ...dev.budget, emails: Array.from({ length: 6 }, (_, index) => `a${index}@example.com`) } },
      'dev.budget.emails: got ["a0@example.com",',
    ],
    [
      'a billing account that is none',
      { budget: { ...dev.budget, billingAccount: 'mine' } },
      'dev.budget.billingAccount: got "mine"; use a billing account: 012345-6789AB-CDEF01',
    ],
    [
      'stages of the budget that go back',
      {
        budget: {
          ...dev.budget,
          stages: [
            { stage: 'notify', share: 1 },
            { stage: 'stop', share: 0.5 },
          ],
        },
      },
      'dev.budget.stages.1.share: got 0.5; got 0.5, must be above 1',
    ],
    [
      'a domain without its DNS zone',
      { dnsZone: undefined },
      'dev.dnsZone: missing; domain needs the Cloud DNS zone that it lies in: { name, domain }',
    ],
    [
      'relay ports that are too few',
      { turn: { ...dev.turn, relayPorts: { first: 50_000, last: 50_010 } } },
      'dev.turn.relayPorts.last: got 50010; must be at least first + 99',
    ],
    [
      'a connector that cannot grow',
      { connector: { ...dev.connector, minInstances: 3 } },
      'dev.connector.minInstances: got 3; must be below maxInstances',
    ],
    [
      'protection without backups',
      { destroyable: false, nightsOff: undefined },
      'dev.backupDays: got 0; must be at least 1 where destroyable is false',
    ],
    [
      'an image of the system that is none',
      { origin: { ...dev.origin, osImage: 'cos-stable' } },
      'dev.origin.osImage: got "cos-stable"; use projects/<project>/global/images/',
    ],
    [
      'a sample above everything',
      { logs: { ...dev.logs, cdnSample: 1.5 } },
      'dev.logs.cdnSample: got 1.5; use a number, 0 to 1',
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
      regions: 7,
      domain: 'live.example.org',
      regoin: 'x',
      reconnectWindowSeconds: 700,
      origin: { ...dev.origin, minNodes: 3, imageTag: '' },
    };
    expect(problemsOf(bad).map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining([
        'dev.regions',
        'dev.domain',
        'dev.regoin',
        'dev.reconnectWindowSeconds',
        'dev.origin.minNodes',
        'dev.origin.imageTag',
      ]),
    );
  });

  it('is refused together with the others', () => {
    expect(() =>
      loadConfig({ dev: EnvironmentConfig, prod: EnvironmentConfig }, { dev: { ...dev, regions: 1 }, prod: 'nothing' }),
    ).toThrow(/2 problems:\ndev\.regions: got 1; .*\nprod: got "nothing"; /);
  });

  it.each([null, [], 3, 'x', undefined])('is refused when it is %p', (input) => {
    expect(problemsOf(input)).toHaveLength(1);
  });
});

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value instanceof Object && !Array.isArray(value);

/** Paths of all fields, groups left out. */
const fieldsOf = (value: Readonly<Record<string, unknown>>, prefix: readonly string[] = []): string[][] =>
  Object.entries(value).flatMap(([key, inner]) =>
    isGroup(inner) ? fieldsOf(inner, [...prefix, key]) : [[...prefix, key]],
  );

/** `dev`, with another value at a path; `undefined` takes the field away. */
function withField(path: readonly string[], value: unknown, into: unknown = dev): unknown {
  const [key = '', ...rest] = path;
  const { [key]: before, ...others } = Object(into);
  const inner = rest.length === 0 ? value : withField(rest, value, before);
  return inner === undefined ? others : { ...others, [key]: inner };
}

describe.each(fieldsOf(dev).map((path) => [path.join('.'), path] as const))('field %s', (name, path) => {
  const say = (value: unknown): string => {
    const problems = problemsOf(withField(path, value));
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toMatch(/undefined|Invalid input|Too (big|small)|NaN/);
    return problems[0] ?? '';
  };

  it('is asked for when it is missing, and what may stand there is said', () => {
    expect(say(undefined)).toMatch(new RegExp(`^dev\\.${name}: missing; \\S`));
  });

  it('is refused as something else, with what it is', () => {
    expect(say({})).toMatch(new RegExp(`^dev\\.${name}: got {}; \\S`));
    expect(say(null)).toMatch(new RegExp(`^dev\\.${name}: got null; \\S`));
  });

  it('is found when it is misspelt', () => {
    const misspelt = [...path.slice(0, -1), `${path.at(-1)}x`];
    expect(problemsOf(withField(misspelt, 1))).toEqual([
      `dev.${name}x: there is no such field; look for a misspelling`,
    ]);
  });
});

const json = z.toJSONSchema(EnvironmentConfig, { io: 'input', unrepresentable: 'any' });
const Bounds = z.object({
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number(),
});
const boundsAt = (path: readonly string[]) => {
  const schema = path.reduce<unknown>(
    (inner, key) => Reflect.get(Object(Reflect.get(Object(inner), 'properties')), key),
    json,
  );
  return Bounds.safeParse(schema).data;
};

describe('numbers', () => {
  const numbers = fieldsOf(dev).flatMap((path) => {
    const bounds = boundsAt(path);
    return bounds === undefined ? [] : [[path.join('.'), path, bounds] as const];
  });

  it('are all bounded', () => {
    const all = fieldsOf(dev).filter(
      (path) => typeof path.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), dev) === 'number',
    );
    expect(numbers.map(([name]) => name).sort()).toEqual(all.map((path) => path.join('.')).sort());
  });

  it.each(numbers)(
    '%s is refused below and above its bounds, which are said',
    (name, path, { minimum = 0, maximum }) => {
      for (const value of [minimum - 1, maximum + 1])
        expect(problemsOf(withField(path, value))).toContainEqual(
          expect.stringMatching(
            new RegExp(
              `^dev\\.${name}: got ${value}; (use a (whole )?number, ${minimum} to ${maximum}$|gated streams are signed)`,
            ),
          ),
        );
    },
  );
});

describe('the platform', () => {
  it('is refused with a bucket name Google would refuse', () => {
    expect(() => loadConfig({ platform: PlatformConfig }, { platform: { ...platform, stateBucket: 'State' } })).toThrow(
      'platform.stateBucket: got "State"; use a bucket name',
    );
  });
});

describe('the file an environment stands in', () => {
  it('has to be its own', () => {
    const files = { dev: environmentNamed('dev'), prod: environmentNamed('prod') };
    expect(() => loadConfig(files, { dev, prod: dev })).toThrow(
      '1 problem:\nprod.name: got "dev"; must be \'prod\', as the file that it stands in',
    );
  });
});
