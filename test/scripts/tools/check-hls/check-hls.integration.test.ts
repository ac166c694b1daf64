import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runScript } from '../../../support/platform/run-script';

const PLAYLIST = [
  '#EXTM3U',
  '#EXT-X-VERSION:3',
  '#EXT-X-TARGETDURATION:2',
  '#EXTINF:2.000,',
  '0.ts',
  '#EXT-X-ENDLIST',
  '',
].join('\n');
const cookies: (string | undefined)[] = [];
let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    if (pathname === '/good.m3u8') {
      cookies.push(request.headers.cookie);
      return response.end(PLAYLIST);
    }
    if (pathname === '/0.ts') return response.end(Buffer.alloc(1000));
    if (pathname === '/bad.m3u8') return response.end(PLAYLIST.replace('#EXTINF:2.000,', '#EXTINF:two,'));
    if (pathname === '/loop.m3u8') return response.writeHead(302, { location: '/loop.m3u8' }).end();
    if (pathname === '/file.m3u8') return response.end(PLAYLIST.replace('0.ts', 'file:///etc/passwd'));
    if (pathname === '/endless.m3u8') {
      const more = setInterval(() => response.write(Buffer.alloc(1 << 20, '#')), 1);
      return response.once('close', () => clearInterval(more));
    }
    return response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const check = (...args: string[]) => runScript('scripts/tools/check-hls/main.ts', args);

describe('npm run check-hls', () => {
  it('ends with 0 where nothing is broken', async () => {
    const { code, stdout, stderr } = await check(`${base}/good.m3u8`, '--header', 'Cookie: a=b');
    expect([code, stderr, stdout]).toEqual([0, '', '1 playlists, 1 segments, 1 looks: 0 rules broken\n']);
    expect(cookies).toEqual(['a=b']);
  });

  it('ends with 1 and names the clause, the URL and the line of what is broken', async () => {
    const { code, stdout } = await check(`${base}/bad.m3u8`);
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining(`${base}/bad.m3u8:5: 4.4.4.1: EXTINF is not a decimal number`),
    ]);
  });

  it('prints JSON for programs', async () => {
    const { code, stdout } = await check(`${base}/bad.m3u8`, '--json');
    expect([code, JSON.parse(stdout)]).toEqual([
      1,
      expect.objectContaining({ playlists: 1, broken: [expect.objectContaining({ clause: '4.4.4.1' })] }),
    ]);
  });

  it.each([
    ['/none.m3u8', 'answers 404'],
    ['/loop.m3u8', 'does not answer: redirect count exceeded'],
    ['/endless.m3u8', 'does not answer: the answer is longer than 16777216 bytes'],
  ])('ends with 2 where there is no playlist: %s', async (path, reason) => {
    const { code, stdout } = await check(`${base}${path}`);
    expect([code, stdout]).toEqual([2, expect.stringContaining(reason)]);
  });

  it('opens no file that a playlist names', async () => {
    const { code, stdout } = await check(`${base}/file.m3u8`);
    expect([code, stdout]).toEqual([1, expect.stringContaining('use an address that begins with http:// or https://')]);
  });

  it.each([
    [['ftp://example/x.m3u8'], "url 'ftp://example/x.m3u8': use an address that begins with http:// or https://"],
    [[], 'usage: npm run check-hls'],
    [['http://x', '--seconds', 'long'], "--seconds 'long': use a whole number from 0 to 86400"],
    [['http://x', '--header', 'Cookie'], "--header: use 'Name: value'"],
  ])('refuses %j in one message', async (args, message) => {
    const { code, stderr } = await check(...args);
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(stderr).not.toContain('    at ');
  });
});
