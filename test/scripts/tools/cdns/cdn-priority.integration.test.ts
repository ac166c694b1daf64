import { createServer, type Server } from 'node:http';
import { nodeListener } from '../../../../functions/http/node-listener';
import { close, listen } from '../../../../scripts/emulators/server/listen';
import { ADMIN_KEY, apiRig } from '../../../support/api-rig';
import { runScript } from '../../../support/platform/run-script';

const cdns = [{ name: 'second', host: 'second.example.net', weight: 30 }];

describe('npm run cdns', () => {
  let server: Server;
  let env: Record<string, string>;

  beforeAll(async () => {
    server = createServer(nodeListener(apiRig({ cdns }).handler));
    env = { PLATFORM_API: `http://127.0.0.1:${await listen(server, 0, 'api')}`, ADMIN_KEY };
  });
  afterAll(() => close(server));

  const run = (...args: string[]) => runScript('scripts/tools/cdns/main.ts', args, env);
  const LIST = 'main    live.example.com  70 % of the streams\nsecond  second.example.net  30 % of the streams\n';

  it('shows the CDNs, orders them, and takes the order back', async () => {
    const order = (text: string) => ({ code: 0, stdout: `${LIST}order: ${text}; players follow within 40 s\n` });
    expect(await run()).toMatchObject(order('by weight'));
    expect(await run('--priority', 'second, main')).toMatchObject(order('second, main'));
    expect(await run()).toMatchObject(order('second, main'));
    expect(await run('--by-weight')).toMatchObject(order('by weight'));
  }, 120_000);

  it('says what is wrong with an order', async () => {
    const refused = await run('--priority', 'second,third');
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain("got 'second, third', use each of main, second once");
    const both = await run('--priority', 'second,main', '--by-weight');
    expect(both.stderr).toContain('--priority and --by-weight: use one of them');
  }, 120_000);
});
