import type { Platform } from '../../scripts/local/command/run-start';
import { runScript } from '../support/platform/run-script';
import { callApi } from '../support/platform/viewer';
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
