import { existsSync } from 'node:fs';
import { AgentEnv } from '../../../../functions/contract/env/agent';
import { FUNCTIONS } from '../../../../functions/contract/env/functions';
import { BACKENDS } from '../../../../functions/contract/objects/cache';
import { PUBLIC_PREFIXES } from '../../../../functions/contract/routes';
import type { Blueprint } from '../../../../scripts/local/blueprint/blueprint';
import { readBlueprint } from '../../../../scripts/local/blueprint/read-blueprint';
import { realPart } from '../../../support/platform/real-part';

/** The reason why there are no stacks to test: a clean clone has none until `npm run synth`. */
const missing = existsSync('cdktf.out/stacks/dev/cdk.tf.json') ? undefined : 'run `npm run synth` before';

realPart('the synthesised stacks', missing, () => {
  describe.each(['dev', 'staging', 'prod'])('environment %s', (environment) => {
    let blueprint: Blueprint;
    beforeAll(async () => {
      blueprint = await readBlueprint('cdktf.out', environment, {
        projectNumber: '1',
        functionUrl: (name) => `http://127.0.0.1/${name}`,
        publicOrigin: 'http://127.0.0.1:18080',
        rtmpServer: 'rtmp://127.0.0.1:18081/live',
      });
    });

    /** One environment has chat. */
    const hasChat = environment === 'dev';

    it('has every function, with an environment its contract takes', () => {
      const wanted = Object.keys(FUNCTIONS).filter((name) => hasChat || name !== 'chat');
      expect(blueprint.functions.map(({ entryPoint }) => entryPoint).sort()).toEqual(wanted.sort());
      for (const { entryPoint, env } of blueprint.functions) {
        const contract = Object.values(FUNCTIONS).find(({ name }) => name === entryPoint);
        expect(contract?.env.safeParse(env).error?.issues ?? []).toEqual([]);
      }
      const [api] = blueprint.functions.filter(({ entryPoint }) => entryPoint === 'api');
      expect(api?.env).toMatchObject({ RTMP_SERVER: 'rtmp://127.0.0.1:18081/live', RTMPS_SERVER: '' });
    });

    it('lets nobody but its own callers into each function, and everybody into the public one only', () => {
      const callers = Object.fromEntries(
        blueprint.functions.map(({ entryPoint, invokers }) => [
          entryPoint,
          invokers.map((member) => member.replace(/^serviceAccount:srs-live-[a-z]+-|@.*$/g, '')).sort(),
        ]),
      );
      expect(callers).toEqual({
        'hls-publisher': ['trigger'],
        'srs-hooks': ['edge', 'node'],
        reconciler: ['scheduler'],
        api: ['allUsers'],
        ...(hasChat && { chat: ['allUsers'] }),
        'event-relay': ['push-event', 'push-webhook', 'retries'],
        'budget-guard': ['push-budget', 'push-runaway'],
      });
    });

    it('routes the prefixes of the cache table, the API and the nodes', () => {
      const prefixes = [
        ...Object.values(BACKENDS).map(({ pathPrefix }) => pathPrefix),
        PUBLIC_PREFIXES.api,
        PUBLIC_PREFIXES.rtc,
        PUBLIC_PREFIXES.live,
        `${PUBLIC_PREFIXES.live}*`,
      ];
      const routed = blueprint.edge.routes.flatMap((route) =>
        Object.entries(route).flatMap(([key, value]) => {
          if (key === 'folder') return [`${value}*`];
          return key === 'path' || key === 'pathPrefix' ? [value] : [];
        }),
      );
      const room = { before: '/api/v1/streams/', after: '/chat' };
      expect(blueprint.edge.routes.filter((route) => 'before' in route)).toMatchObject(hasChat ? [room] : []);
      expect(routed.slice(0, -3).sort()).toEqual(prefixes.sort());
      expect(routed.slice(-3)).toEqual(['/watch.html', '/embed.html', '/']);
      expect(blueprint.edge.routes.filter(({ errorPage }) => errorPage !== undefined)).toMatchObject([
        { pathPrefix: '/', errorPage: { replaces: [403, 404], path: '/404.html', status: 404 } },
      ]);
    });

    it('gives the agent an environment it can read', () => {
      expect(AgentEnv.safeParse(blueprint.node.agentEnv).error?.issues ?? []).toEqual([]);
    });
  });
});
