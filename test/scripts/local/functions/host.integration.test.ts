import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokens, type Tokens } from '../../../../scripts/emulators/metadata/tokens';
import type { FunctionBlueprint } from '../../../../scripts/local/blueprint/blueprint';
import { type FunctionHost, functionHost } from '../../../../scripts/local/functions/host';
import { freePort } from '../../../support/platform/worker-ports';

/** A bundle as the build makes one: functions-framework finds the function by its name. */
const BUNDLE = `
exports.echo = (request, response) => {
  if (request.path === '/die') process.kill(process.pid, 'SIGKILL');
  const { OWN, ADMIN_KEY, STORAGE_API_ENDPOINT, PATH } = process.env;
  response.status(201).json({
    env: { OWN, ADMIN_KEY, STORAGE_API_ENDPOINT, PATH }, body: request.body,
    authorization: request.get('authorization'), pid: process.pid });
};
exports.echo2 = exports.echo;`;
const CALLER = 'caller@demo.iam.gserviceaccount.com';

const folder = mkdtempSync(join(tmpdir(), 'srs-live-host-'));
writeFileSync(join(folder, 'index.js'), BUNDLE);
const lines: string[] = [];
const events: string[] = [];
const log = {
  info: () => undefined,
  warn: (event: string) => void events.push(event),
  error: (event: string) => void events.push(event),
};

const hosted = (name: string, invokers: readonly string[], entryPoint = 'echo'): FunctionBlueprint => ({
  name,
  entryPoint,
  serviceAccount: 'echo@demo.iam.gserviceaccount.com',
  env: { OWN: name },
  secrets: { ADMIN_KEY: 'demo-admin-key' },
  ingress: 'ALLOW_INTERNAL_ONLY',
  timeoutSeconds: 5,
  invokers,
});

async function createHost(tokens: Tokens, functions: readonly FunctionBlueprint[], bundle = folder) {
  const urls = new Map<string, string>();
  for (const { name } of functions) urls.set(name, `http://127.0.0.1:${await freePort()}`);
  const urlOf = (name: string): string => urls.get(name) ?? '';
  const host = functionHost({
    functions,
    root: process.cwd(),
    bundleOf: () => bundle,
    urlOf,
    standIns: { STORAGE_API_ENDPOINT: 'http://127.0.0.1:1' },
    secretOf: (id) => `value of ${id}`,
    tokens,
    output: (source, line) => void lines.push(`${source}: ${line}`),
    log,
  });
  return { host, urlOf };
}

describe('the function host', () => {
  let tokens: Tokens;
  let host: FunctionHost;
  let urlOf: (name: string) => string;
  beforeAll(async () => {
    tokens = await createTokens();
    ({ host, urlOf } = await createHost(tokens, [
      hosted('private', [`serviceAccount:${CALLER}`]),
      hosted('public', ['allUsers'], 'echo2'),
    ]));
    await host.start();
  }, 20_000);
  afterAll(async () => {
    await host.stop();
    rmSync(folder, { recursive: true });
  });

  const call = (name: string, authorization?: string, path = '/'): Promise<Response> =>
    fetch(`${urlOf(name)}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
      body: '{"a":1}',
    });
  const bearer = async (email: string, audience: string): Promise<string> =>
    `Bearer ${await tokens.issue({ email, audience })}`;

  it('a granted caller reaches the function, which has exactly its own variables, secrets and stand-ins', async () => {
    const response = await call('private', await bearer(CALLER, urlOf('private')));
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      env: { OWN: 'private', ADMIN_KEY: 'value of demo-admin-key', STORAGE_API_ENDPOINT: 'http://127.0.0.1:1' },
      body: { a: 1 },
    });
  });

  it('keeps the environment of this process from functions', async () => {
    const { env } = await (await call('public')).json();
    expect(env).not.toHaveProperty('PATH');
  });

  it('passes the authorization of a public function through', async () => {
    expect(await (await call('public', 'Bearer admin')).json()).toMatchObject({ authorization: 'Bearer admin' });
  });

  it.each<[string, () => Promise<string | undefined>, number]>([
    ['no token', async () => undefined, 403],
    [
      'a token of somebody who was not granted',
      () => bearer('other@demo.iam.gserviceaccount.com', urlOf('private')),
      403,
    ],
    ['a token for another function', () => bearer(CALLER, urlOf('public')), 401],
    [
      'a token of another key',
      async () => `Bearer ${await (await createTokens()).issue({ email: CALLER, audience: urlOf('private') })}`,
      401,
    ],
    ['nonsense', async () => 'Bearer nonsense', 401],
  ])('refuses %s', async (_, authorization, status) => {
    const response = await call('private', await authorization());
    expect([response.status, response.headers.has('www-authenticate')]).toEqual([status, status === 401]);
    expect(events).toContain('caller_refused');
  });

  it('starts a function again that crashed', async () => {
    const before = (await (await call('public')).json()).pid;
    expect((await call('public', undefined, '/die')).status).toBe(503);
    let again = await call('public');
    while (again.status === 503) again = await call('public');
    expect((await again.json()).pid).not.toBe(before);
    expect(events).toContain('function_died');
  }, 20_000);

  it('answers 503 for one that is stopped, until it is started again', async () => {
    await host.stopFunction('echo');
    expect((await call('private', await bearer(CALLER, urlOf('private')))).status).toBe(503);
    await host.startFunction('echo');
    expect((await call('private', await bearer(CALLER, urlOf('private')))).status).toBe(201);
  }, 20_000);

  it('leaves no process behind', async () => {
    const pids = host.pids();
    await host.stop();
    expect(Object.keys(pids)).toEqual(['echo', 'echo2']);
    for (const pid of Object.values(pids)) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

describe('a function that does not come up', () => {
  it('is named with its last words', async () => {
    const broken = mkdtempSync(join(tmpdir(), 'srs-live-broken-'));
    writeFileSync(join(broken, 'index.js'), "console.error('EVERYTHING: missing'); process.exit(1);");
    const { host } = await createHost(await createTokens(), [hosted('broken', ['allUsers'])], broken);
    await expect(host.start()).rejects.toThrow('function echo did not start (exit code 1): EVERYTHING: missing');
    await host.stop();
    rmSync(broken, { recursive: true });
  }, 20_000);
});
