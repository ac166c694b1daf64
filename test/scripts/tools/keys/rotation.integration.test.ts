import { GoogleApi } from '../../../../scripts/tools/google/google-api';
import { StackJson } from '../../../../scripts/tools/google/stack-json';
import { COMMANDS, type KeyContext, type Option } from '../../../../scripts/tools/keys/commands';
import { environmentKeys } from '../../../../scripts/tools/keys/environment-keys';
import { BACKENDS, FILL, GoogleKeys, SIGNING } from '../../../support/google/google-keys';
import { ENVIRONMENTS, synthBootstrap, synthEnvironment } from '../../../support/synth';

const stack = StackJson.of('dev', synthEnvironment(ENVIRONMENTS.dev));
const bootstrap = StackJson.of('bootstrap', synthBootstrap());
const HOUR_MS = 3_600_000;

let google: GoogleKeys;
let endpoint: string;
let said: string[];
let hour: number;

beforeEach(async () => {
  google = new GoogleKeys();
  endpoint = await google.server.start();
  said = [];
  hour = 0;
});
afterEach(() => google.server.stop());

/** A command, hours after the one before. */
async function keys(what: string, options: readonly Option[] = [], more: Partial<KeyContext> = {}): Promise<void> {
  hour += 2;
  const api = new GoogleApi({ token: async () => 'a-token', endpoint, retryMs: [1] });
  await COMMANDS[what]?.run({
    api,
    keys: environmentKeys(stack, bootstrap, api),
    options: new Set(options),
    now: new Date(Date.UTC(2026, 10, 20) + hour * HOUR_MS),
    stdin: async () => '',
    say: (line) => said.push(line),
    fillWaitMs: 1,
    ...more,
  });
}

/** Expects the rules that hold whenever a command has ended. */
function expectSound(live: number): void {
  const secret = google.signingKeys();
  expect(secret).toHaveLength(live);
  expect(secret.map(({ name }) => name)).toEqual(
    secret
      .map(({ name }) => name)
      .toSorted()
      .reverse(),
  );
  for (const backend of BACKENDS)
    expect([...(google.backends.get(backend) ?? [])].sort()).toEqual(
      secret.map(({ name, value }) => [name, value]).sort(),
    );
  expect(google.members).toEqual(['serviceAccount:somebody@else.iam.gserviceaccount.com', FILL]);
  expect(google.secrets.get(SIGNING)?.filter(({ destroyed }) => !destroyed)).toHaveLength(1);
  expect(google.broken).toEqual([]);
}

describe('the first keys', () => {
  it('come with init, and init again changes nothing', async () => {
    await keys('init');
    expectSound(1);
    const values = google.values();
    await keys('init');
    expect(google.values()).toEqual(values);
  });

  it('give every secret a value that its function takes', async () => {
    await keys('init');
    expect(google.latest('srs-live-dev-admin-key')).toMatch(/^[0-9a-f]{64}$/);
    expect(google.latest('srs-live-dev-content-secret')).toMatch(/^[0-9a-f]{64}$/);
    expect(google.latest('srs-live-dev-turn-secret')).toMatch(/^k\d{8}T\d{6}Z\.[0-9a-f]{64}$/);
    expect(google.latest('srs-live-dev-token-keys')).toMatch(/^\[\{"name":"k\d{8}T\d{6}Z","value":"[\w-]{22}=="\}\]$/);
  });

  it('wait for backends that are not there yet, and reach them with the next init', async () => {
    const backends = new Map(google.backends);
    google.backends.clear();
    await keys('init');
    expect(said.at(-1)).toContain('deploy, then run init again');
    expect(google.signingKeys()).toHaveLength(1);
    for (const [name, held] of backends) google.backends.set(name, held);
    await keys('init');
    expectSound(1);
  });

  it('let the CDN read the private bucket as soon as Google knows its account', async () => {
    google.unknownFor = 3;
    await keys('init');
    expect(google.members).toContain(FILL);
  });

  it('say that the account is not there yet, and that the same is to be said again', async () => {
    google.unknownFor = 6;
    await expect(keys('init')).rejects.toThrow('run the same command again in a few minutes');
    await keys('init');
    expectSound(1);
  });
});

describe('a rotation', () => {
  it('keeps the key before, and drops the one before that', async () => {
    await keys('rotate');
    const [first] = google.signingKeys();
    await keys('rotate');
    const [second] = google.signingKeys();
    expect(google.signingKeys()[1]).toEqual(first);
    await keys('rotate');
    expect(google.signingKeys()[1]).toEqual(second);
    expectSound(2);
  });

  it('is refused within an hour of the last, but by --now', async () => {
    await keys('rotate');
    hour -= 2;
    await expect(keys('rotate')).rejects.toThrow(/the last rotation was 0 min ago.*--now/);
    hour -= 2;
    await keys('rotate', ['now']);
    expectSound(2);
  });

  it('with --revoke leaves the new key only', async () => {
    await keys('rotate');
    await keys('rotate');
    await keys('rotate', ['revoke']);
    expectSound(1);
  });

  it('with --dry-run tells each step and changes nothing', async () => {
    await keys('rotate');
    await keys('rotate');
    google.server.changes = 0;
    const before = google.values();
    await keys('rotate', ['dry-run']);
    expect(google.values()).toEqual(before);
    expect(google.server.changes).toBe(0);
    expect(said.filter((line) => line.startsWith('would'))).toHaveLength(6);
  });

  it('stops at keys of somebody else that leave no room, and names them', async () => {
    await keys('rotate');
    for (const held of google.backends.values()) held.set('mine', 'x').set('mine-too', 'x');
    await expect(keys('rotate')).rejects.toThrow('mine, mine-too');
    expect(google.broken).toEqual([]);
  });

  it('takes over keys that were made by hand', async () => {
    const old = { name: 'by-hand', value: `${'A'.repeat(22)}==` };
    google.secrets.get(SIGNING)?.push({ value: JSON.stringify([old]), destroyed: false });
    for (const held of google.backends.values()) held.set(old.name, old.value);
    await keys('rotate');
    expect(google.signingKeys()[1]).toEqual(old);
    await keys('rotate');
    expectSound(2);
  });

  it('names the secret that cannot be read as keys, without its value', async () => {
    google.secrets.get(SIGNING)?.push({ value: 'swordfish', destroyed: false });
    const failed = await keys('rotate').catch((error: Error) => error.message);
    expect(failed).toContain(SIGNING);
    expect(failed).not.toContain('swordfish');
  });

  it.each(BACKENDS)('says that %s is not deployed', async (backend) => {
    google.backends.delete(backend);
    await expect(keys('rotate')).rejects.toThrow(`${backend} is not there: Terraform makes it`);
  });
});

describe('a rotation that breaks off at any change', () => {
  /**
   * Two writes of the secret, a key added to and one taken from two backends, each awaited, and two versions destroyed.
   */
  const CHANGES = 12;
  const steps = Array.from({ length: CHANGES }, (_, index) => index + 1);
  it('has as many changes as are broken off here', async () => {
    await keys('init');
    await keys('rotate');
    google.server.changes = 0;
    await keys('rotate');
    expect(google.server.changes).toBe(CHANGES);
  });

  it.each(steps.flatMap((change) => (['before', 'after'] as const).map((when) => ({ change, when }))))(
    'is finished by the next: change $change, failing $when it is made',
    async (fault) => {
      await keys('init');
      await keys('rotate');
      await keys('rotate');
      google.server.changes = 0;
      google.server.fault = fault;
      await expect(keys('rotate')).rejects.toThrow(/try again|no answer/);
      google.server.fault = undefined;
      await keys('rotate');
      expectSound(2);
    },
  );

  it('makes no second key', async () => {
    await keys('init');
    google.server.changes = 0;
    google.server.fault = { change: 3, when: 'after' };
    await expect(keys('rotate')).rejects.toThrow('no answer');
    google.server.fault = undefined;
    await keys('rotate');
    expect(said).toContain('a rotation was begun before: finishing it, without a further key');
    expect(said.filter((line) => line.startsWith('made key'))).toHaveLength(2);
    expectSound(2);
  });
});

describe('token keys and TURN secrets', () => {
  it.each(['tokens', 'turn'])('%s: wait behind what signs until they are promoted', async (what) => {
    const secret = what === 'tokens' ? 'srs-live-dev-token-keys' : 'srs-live-dev-turn-secret';
    const names = () => [...(google.latest(secret) ?? '').matchAll(/k\d{8}T\d{6}Z/g)].map(([name]) => name);
    await keys('init');
    const [first] = names();
    await keys(what);
    const staged = names();
    expect(staged).toEqual([first, expect.any(String)]);
    await keys(what);
    expect(names()).toEqual(staged);
    await keys(what, ['promote']);
    expect(names()).toEqual(staged.toReversed());
    await expect(keys(what, ['promote'])).rejects.toThrow('nothing waits to be promoted');
  });
});

describe('the admin key', () => {
  it('is the one on standard input', async () => {
    await keys('admin', ['stdin'], { stdin: async () => `${'k'.repeat(40)}\n` });
    expect(google.latest('srs-live-dev-admin-key')).toBe('k'.repeat(40));
  });

  it('is refused when it is short, without being repeated', async () => {
    const failed = await keys('admin', ['stdin'], { stdin: async () => 'hunter2' }).catch(
      (error: Error) => error.message,
    );
    expect(failed).toBe('the admin key on standard input has 7 characters: use at least 32, without spaces');
  });
});

describe('nobody', () => {
  it('sees a value: not in what is said, nor in the address of a request, nor in an error', async () => {
    for (const what of ['init', 'rotate', 'rotate', 'tokens', 'turn', 'admin']) await keys(what);
    for (const held of google.backends.values()) held.delete(google.signingKeys()[1]?.name ?? '');
    const [first, second] = google.backends.values();
    first?.set('mine', 'x');
    second?.set('mine', 'x');
    // The stand-in repeats the value when it refuses a key.
    first?.set('foreign', 'x');
    const failed = await keys('rotate').catch((error: Error) => error.message);
    const seen = [...said, ...google.server.asked, String(failed)].join('\n');
    const values = google
      .values()
      .flatMap((value) => [value, ...[...value.matchAll(/[\w-]{22}==|[0-9a-f]{64}/g)].map(([key]) => key)]);
    for (const value of values.filter(({ length }) => length > 1)) expect(seen).not.toContain(value);
  });
});
