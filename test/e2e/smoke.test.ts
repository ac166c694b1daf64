import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { close, listen } from '../../scripts/emulators/server/listen';
import type { Platform } from '../../scripts/local/command/run-start';
import { runScript } from '../support/platform/run-script';
import { callApi } from '../support/platform/viewer';
import { learnFrom } from '../support/secrets/evidence';
import { startScanned } from '../support/secrets/scanned-platform';

let platform: Platform;
beforeAll(async () => {
  // It deletes the stream it makes, and the playlist with it.
  platform = await startScanned(['--no-demo'], {}, ['playlist']);
}, 120_000);
afterAll(async () => {
  await platform?.end('SIGTERM');
}, 60_000);

const smoke = (env: Record<string, string>) => runScript('scripts/tools/smoke/main.ts', ['--quick'], env);

describe('the smoke test, aimed at this machine', () => {
  it('goes well, says each step, and leaves nothing', async () => {
    const { code, stdout, stderr } = await smoke({ PLATFORM_API: platform.api, ADMIN_KEY: platform.adminKey });
    expect([code, stderr, stdout.match(/^FAIL.*/m)]).toEqual([0, '', null]);
    expect(stdout).toMatch(/all \d+ steps went well\n$/);
    expect(stdout).not.toContain(platform.adminKey);
    expect(await (await callApi(platform, '/streams')).json()).toMatchObject({ streams: [] });
  }, 120_000);

  it('says which step fails with another key, and ends with 1', async () => {
    const { code, stdout } = await smoke({ PLATFORM_API: platform.api, ADMIN_KEY: 'x'.repeat(40) });
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAIL .* a stream is made.*POST \/api\/v1\/streams answers 401/);
  }, 60_000);

  it('says what is not there, and ends with 1', async () => {
    const { code, stdout } = await smoke({ PLATFORM_API: 'http://127.0.0.1:9', ADMIN_KEY: 'x'.repeat(40) });
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAIL .* the API is well: fetch failed/);
  }, 60_000);
});

describe('the guides of the API’s page, as they stand there', () => {
  const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  const typed = (html: string) => html.replace(/&([a-z]+|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole);
  const blocksOf = (html: string, language: string) =>
    [...html.matchAll(new RegExp(`<pre class="${language}">(.*?)</pre>`, 'gs'))].map(([, text = '']) => typed(text));
  const run = async (command: string, args: string[], env: NodeJS.ProcessEnv) => {
    const child = promisify(execFile)(command, args, { cwd: folder, env: { ...process.env, ...env }, timeout: 60_000 });
    const { stdout } = await child;
    learnFrom(stdout);
    return stdout;
  };
  const receiver = createServer((_request, response) => response.end());
  let folder: string;
  let page: string;
  let receiverUrl: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'srs-live-guides-'));
    page = await (await fetch(`${platform.api}/api/v1/docs`)).text();
    receiverUrl = `http://127.0.0.1:${await listen(receiver, 0, 'a receiver')}`;
  });
  afterAll(async () => {
    await close(receiver);
    rmSync(folder, { recursive: true });
  });

  it('run with curl in their order, and each in Node', async () => {
    const shell = blocksOf(page, 'curl');
    const modules = blocksOf(page, 'node');
    expect([shell.length, modules.length]).toEqual([7, 6]);
    const script = [...shell, 'echo "STREAM=$STREAM"'].join('\n').replace("KEY='<your API key>'", '');
    expect(script).toContain(`LIVE=${platform.api}`);
    const env = { LIVE: platform.api, KEY: platform.adminKey, RECEIVER: receiverUrl };
    const said = await run('bash', ['-ec', script], env);
    expect(said).toContain('rtmp://');
    expect(said).toMatch(/watch\.html\?id=[a-z0-9]{16}#grant=slr_/);
    expect(said).toContain('"deliveries":[]');
    for (const file of ['stream.json', 'gated.json', 'grant.json', 'webhook.json'])
      learnFrom(readFileSync(join(folder, file), 'utf8'));
    const [, STREAM = ''] = /STREAM=(\w{16})/.exec(said) ?? [];
    for (const [index, module] of modules.entries()) {
      const file = join(folder, `${index}.mjs`);
      writeFileSync(file, module);
      await run(process.execPath, [file], { ...env, STREAM });
    }
  }, 120_000);

  it('verify a webhook’s signature as the library does, and no other', async () => {
    const module = blocksOf(page, 'node').find((each) => each.includes('isOurs')) ?? '';
    const secret = `whsec_${Buffer.from('a secret of 24 bytes, yes').toString('base64')}`;
    const id = 'evt_1';
    const body = '{"type":"stream.live"}';
    const now = new Date();
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    };
    const file = join(folder, 'verify.mjs');
    const nowSeconds = Math.floor(now.getTime() / 1000);
    const call = (text: string) => `isOurs(${JSON.stringify({ headers, body: text, secret, nowSeconds })})`;
    writeFileSync(file, `${module}\nconsole.log(${call(body)}, ${call(`${body} `)});\n`);
    expect(await run(process.execPath, [file], {})).toBe('true false\n');
  }, 60_000);
});

describe('the pages of the platform', () => {
  it.each(['/docs', '/a/b/c', '/favicon.ico'])('say at %s that there is no page, in their own words', async (path) => {
    const answer = await fetch(`${platform.web}${path}`);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(await answer.text()).toContain('There is no page at this address');
  });

  const STRICT = /^default-src 'none'; .*frame-ancestors 'none'$/;
  const FRAMED = /^default-src 'none'; script-src 'self';(?!.*frame-ancestors)/;
  it.each<[string, RegExp, string | null]>([
    ['/', STRICT, 'DENY'],
    ['/publish.html', STRICT, 'DENY'],
    ['/console.html', STRICT, 'DENY'],
    ['/two-way.html', STRICT, 'DENY'],
    ['/embed-code.html', STRICT, 'DENY'],
    ['/no-such-page.html', STRICT, 'DENY'],
    ['/console.js', STRICT, 'DENY'],
    ['/api/v1/docs', STRICT, 'DENY'],
    ['/watch.html', FRAMED, null],
    ['/embed.html', FRAMED, null],
  ])('%s comes with its rules for sources, frames, referrers and HTTPS', async (path, policy, frames) => {
    const { headers } = await fetch(`${platform.web}${path}`);
    const names = ['x-frame-options', 'referrer-policy', 'x-content-type-options', 'strict-transport-security'];
    expect(headers.get('content-security-policy')).toMatch(policy);
    expect(names.map((name) => headers.get(name))).toEqual([frames, 'no-referrer', 'nosniff', 'max-age=63072000']);
  });
});
