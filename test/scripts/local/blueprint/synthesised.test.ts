import { existsSync } from 'node:fs';
import { AgentEnv } from '../../../../functions/contract/agent';
import { BACKENDS } from '../../../../functions/contract/cache-table';
import { FUNCTIONS } from '../../../../functions/contract/functions';
import { PUBLIC_PREFIXES } from '../../../../functions/contract/routes';
import type { Blueprint } from '../../../../scripts/local/blueprint/blueprint';
import { readBlueprint } from '../../../../scripts/local/blueprint/read-blueprint';

/** What infra synthesised last; a clean clone has nothing until `npm run synth`. */
const synthesised = existsSync('cdktf.out/stacks/dev/cdk.tf.json') ? describe : describe.skip;

synthesised.each(['dev', 'staging', 'prod'])('environment %s', (environment) => {
  let blueprint: Blueprint;
  beforeAll(async () => {
    blueprint = await readBlueprint('cdktf.out', environment, {
      projectNumber: '1',
      functionUrl: (name) => `http://127.0.0.1/${name}`,
      publicOrigin: 'http://127.0.0.1:18080',
      rtmpServer: 'rtmp://127.0.0.1:18081/live',
    });
  });

  it('has every function, with an environment its contract takes', () => {
    expect(blueprint.functions.map(({ entryPoint }) => entryPoint).sort()).toEqual(Object.keys(FUNCTIONS).sort());
    for (const { entryPoint, env } of blueprint.functions) {
      const contract = Object.values(FUNCTIONS).find(({ name }) => name === entryPoint);
      expect(contract?.env.safeParse(env).error?.issues ?? []).toEqual([]);
    }
  });

  it('lets exactly one caller into each function, and nodes of both roles into that for hooks', () => {
    for (const { entryPoint, invokers } of blueprint.functions) {
      expect(invokers).toHaveLength(entryPoint === 'srs-hooks' ? 2 : 1);
      expect(invokers[0] === 'allUsers').toBe(entryPoint === 'api');
    }
  });

  it('routes the prefixes of the cache table, and the API', () => {
    const prefixes = [...Object.values(BACKENDS).map(({ pathPrefix }) => pathPrefix), PUBLIC_PREFIXES.api];
    expect(blueprint.edge.routes.map(({ pathPrefix }) => pathPrefix).sort()).toEqual(prefixes.sort());
  });

  it('gives the agent an environment it can read', () => {
    expect(AgentEnv.safeParse(blueprint.node.agentEnv).error?.issues ?? []).toEqual([]);
  });
});
