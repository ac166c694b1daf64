import { steeringName } from '../../../functions/contract/objects/layout';
import { apiRig } from '../../support/api-rig';

const cdns = [{ name: 'second', host: 'second.example.net', weight: 30 }];
const put = (rig: ReturnType<typeof apiRig>, priority: unknown, headers?: Record<string, string>) =>
  rig.ask('PUT', '/cdns/priority', { body: { priority }, ...(headers && { headers }) });

describe('the CDNs of the API', () => {
  it('are the one of the public host, and those of the configuration', async () => {
    const answer = await apiRig({ cdns }).ask('GET', '/cdns');
    expect(await answer.json()).toEqual({
      cdns: [
        { name: 'main', host: 'live.example.com', weight: 70 },
        { name: 'second', host: 'second.example.net', weight: 30 },
      ],
      ttlSeconds: 30,
    });
  });

  it('take an order, say it, and take it back', async () => {
    const rig = apiRig({ cdns });
    expect(await (await put(rig, ['second', 'main'])).json()).toMatchObject({ priority: ['second', 'main'] });
    expect(await (await rig.ask('GET', '/cdns')).json()).toMatchObject({ priority: ['second', 'main'] });
    const manifest = rig.buckets.open.entry(steeringName('main'))?.content.toString() ?? '';
    expect(JSON.parse(manifest)['PATHWAY-PRIORITY']).toEqual(['second', 'main']);
    expect(rig.lines.join('\n')).toContain('cdn_priority_set');
    expect(await (await rig.ask('DELETE', '/cdns/priority')).json()).not.toHaveProperty('priority');
    expect(await (await rig.ask('GET', '/cdns')).json()).not.toHaveProperty('priority');
  });

  it.each([
    [['second'], "priority: got 'second', use each of main, second once"],
    [['second', 'second'], "priority: got 'second, second', use each of main, second once"],
    [['second', 'main', 'third'], "priority: got 'second, main, third', use each of main, second once"],
    [[], 'priority'],
    ['second', 'priority'],
    [[1, 2], 'priority'],
    [null, 'priority'],
  ])('refuse the order %j', async (priority, detail) => {
    const rig = apiRig({ cdns });
    const answer = await put(rig, priority);
    const problem = await answer.json();
    expect([answer.status, problem.code]).toEqual([422, 'invalid_field']);
    expect(problem.detail).toContain(detail);
    expect(rig.buckets.open.entry(steeringName('main'))).toBeUndefined();
  });

  it('write nothing where there is one', async () => {
    const rig = apiRig();
    expect((await put(rig, ['main'])).status).toBe(200);
    expect(rig.buckets.open.entry(steeringName('main'))).toBeUndefined();
  });

  it('are for operators: a publisher neither sees nor orders them', async () => {
    const rig = apiRig({ cdns });
    const headers = await rig.caller({ role: 'publisher', subject: 'ann' });
    expect((await rig.ask('GET', '/cdns', { headers })).status).toBe(403);
    expect((await put(rig, ['second', 'main'], headers)).status).toBe(403);
    expect((await rig.ask('DELETE', '/cdns/priority', { headers })).status).toBe(403);
  });
});
