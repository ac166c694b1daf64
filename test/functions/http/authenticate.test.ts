import { jsonLog } from '../../../functions/adapters/log';
import { memoryApiKeyStore } from '../../../functions/adapters/memory/api-key-store';
import { randomId } from '../../../functions/adapters/system';
import { GuessLimiter } from '../../../functions/app/guess-limiter';
import { DomainError } from '../../../functions/core/errors';
import { mintApiKey, revoked } from '../../../functions/core/identity/api-key';
import { authenticator, clientAddress } from '../../../functions/http/authenticate';
import type { ApiKeyStore, TokenVerifier } from '../../../functions/ports/identity';

const ADMIN_KEY = 'admin-key-of-32-characters-or-more';
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln';

let store: ApiKeyStore;
let writes: number;
let lines: string[];
let slept: number[];
let now: number;

const clock = { now: () => now, sleep: async (ms: number) => void slept.push(ms) };
const counted = (inner: ApiKeyStore): ApiKeyStore => ({
  ...inner,
  change: (prefix, decide) =>
    inner.change(prefix, (key) => {
      const change = decide(key);
      if (change.key !== undefined) writes += 1;
      return change;
    }),
});
const open = (verifyToken?: TokenVerifier, apiKeys: ApiKeyStore = store) =>
  authenticator({
    adminKey: ADMIN_KEY,
    apiKeys,
    ...(verifyToken && { verifyToken }),
    guessLimiter: new GuessLimiter({ clock }),
    clock,
    log: jsonLog((line) => lines.push(line)),
  });
const request = (authorization?: string, ip = '203.0.113.5, 198.51.100.1') =>
  new Request('http://api/', {
    headers: { 'x-forwarded-for': ip, ...(authorization === undefined ? {} : { authorization }) },
  });
const bearer = (credential: string, ip?: string) => request(`Bearer ${credential}`, ip);

async function makeKey(more: object = {}): Promise<{ key: string; prefix: string }> {
  const { key, record } = mintApiKey(
    { name: 'k', role: 'publisher', subject: 'customer-1', ...more },
    { randomId, nowMs: now },
  );
  await store.create(record);
  return { key, prefix: record.prefix };
}

beforeEach(() => {
  writes = 0;
  lines = [];
  slept = [];
  now = 1_800_000_000_000;
  store = counted(memoryApiKeyStore());
});
afterEach(() => expect(lines.join('\n')).not.toMatch(/slk_[a-z0-9]{8}_[a-z0-9]{5}|eyJ[a-z]|admin-key/i));

describe('the caller of a request', () => {
  it('is the operator with the admin key', async () => {
    expect(await open()(bearer(ADMIN_KEY))).toMatchObject({ kind: 'admin_key', role: 'admin', subject: 'operator' });
    expect(await open()(request(`bearer   ${ADMIN_KEY}`))).toMatchObject({ kind: 'admin_key' });
  });

  it('is whom an API key speaks for', async () => {
    const { key } = await makeKey({ scopes: ['streams.read'] });
    const principal = await open()(bearer(key));
    expect(principal).toMatchObject({
      kind: 'api_key',
      subject: 'customer-1',
      reach: { kind: 'owner', owner: 'customer-1' },
    });
    expect([...principal.permissions]).toEqual(['streams.read']);
  });

  it('is whom a verified token names', async () => {
    const principal = await open(async () => ({ sub: 'user-1', role: 'admin' }))(bearer(JWT));
    expect(principal).toMatchObject({ kind: 'token', subject: 'user-1', reach: { kind: 'all' } });
  });

  it.each<[string, () => Request, string]>([
    ['no header', () => request(), 'no credential: send'],
    ['another scheme', () => request('Basic YTpi'), 'no credential: send'],
    ['an empty key', () => request('Bearer '), 'no credential: send'],
    ['a wrong admin key', () => bearer(`${ADMIN_KEY}x`), 'the credential is unknown'],
    ['an API key nobody made', () => bearer(`slk_aaaaaaaa_${'b'.repeat(32)}`), 'the API key is unknown'],
    ['a token where no provider is', () => bearer(JWT), 'the credential is unknown'],
  ])('is nobody with %s', async (_name, asked, why) => {
    await expect(open()(asked())).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining(why),
    });
  });

  it('is nobody from the moment that key is revoked', async () => {
    const { key, prefix } = await makeKey();
    const authenticate = open();
    await authenticate(bearer(key));
    await store.change(prefix, (record) => ({ ...(record && { key: revoked(record, now) }), result: undefined }));
    await expect(authenticate(bearer(key))).rejects.toThrow('was revoked');
  });

  it("hands on that the provider's keys are away, without slowing anybody", async () => {
    const away = new DomainError('unavailable', 'away');
    const authenticate = open(() => Promise.reject(away));
    for (let n = 0; n < 10; n += 1) await expect(authenticate(bearer(JWT))).rejects.toBe(away);
    expect(slept).toEqual([]);
  });
});

describe('the use of a key', () => {
  it('is noted at most once a minute', async () => {
    const { key, prefix } = await makeKey();
    const authenticate = open();
    for (let second = 0; second < 120; second += 10) {
      await authenticate(bearer(key));
      now += 10_000;
    }
    expect(writes).toBe(2);
    expect((await store.get(prefix))?.lastUsedAt).toBe(1_800_000_060_000);
  });

  it('that cannot be noted keeps nobody out', async () => {
    const { key } = await makeKey();
    const broken = { ...store, change: () => Promise.reject(new Error('away')) };
    await expect(open(undefined, broken)(bearer(key))).resolves.toMatchObject({ subject: 'customer-1' });
    expect(lines[0]).toContain('api_key_use_not_noted');
  });
});

describe('10,000 wrong API keys', () => {
  it('are slowed and alert, and the right one from another address comes through at once', async () => {
    const { key } = await makeKey();
    const authenticate = open();
    for (let n = 0; n < 10_000; n += 1) {
      const guess = `slk_${String(n).padStart(8, '0')}_${'b'.repeat(32)}`;
      await expect(authenticate(bearer(guess))).rejects.toThrow('is unknown');
    }
    expect(slept).toHaveLength(9_997);
    expect(slept.at(-1)).toBe(1000);
    const alerts = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'credentials_guessed');
    expect(alerts.map(({ failures }) => failures)).toEqual([50, 100, 200, 400, 800, 1600, 3200, 6400]);
    expect(alerts[0]).toMatchObject({ severity: 'ERROR', ip: '203.0.113.5', of: 'address 203.0.113.5' });
    slept = [];
    await expect(authenticate(bearer(key, '192.0.2.9, 198.51.100.1'))).resolves.toMatchObject({
      subject: 'customer-1',
    });
    await expect(authenticate(bearer(key))).resolves.toMatchObject({ subject: 'customer-1' });
    expect(slept).toEqual([]);
  });
});

describe("a client's address", () => {
  it.each([
    ['203.0.113.5, 198.51.100.1', '203.0.113.5'],
    ['6.6.6.6, 203.0.113.5, 198.51.100.1', '203.0.113.5'],
    ['203.0.113.5', '203.0.113.5'],
    ['', 'unknown'],
  ])('out of %j is %s: what the load balancer saw, not what the client says', (header, address) => {
    expect(clientAddress(request(undefined, header))).toBe(address);
  });
});
