import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { at, listAt, textAt } from '../../../../scripts/tools/rehearsal/google/json';
import { GoogleServer } from '../../../../scripts/tools/rehearsal/google/server';
import { World } from '../../../../scripts/tools/rehearsal/google/world';
import { runScript } from '../../../support/platform/run-script';
import { ENVIRONMENTS, synthEnvironment } from '../../../support/synth';

const PROJECT = ENVIRONMENTS.dev.projectId;
const COMPUTE = `projects/${PROJECT}`;
const GROUP = `${COMPUTE}/regions/europe-west1/instanceGroupManagers`;
const IMAGES = `projects/${PROJECT}/locations/europe-west1/repositories/srs-live-dev-images/packages/node/tags`;

const folder = mkdtempSync(join(tmpdir(), 'srs-live-rollback-'));
mkdirSync(join(folder, 'stacks/dev'), { recursive: true });
const json = synthEnvironment(ENVIRONMENTS.dev);
writeFileSync(join(folder, 'stacks/dev/cdk.tf.json'), JSON.stringify(json));
afterAll(() => rmSync(folder, { recursive: true }));

let server: GoogleServer;
let env: Record<string, string>;
beforeEach(async () => {
  server = new GoogleServer(new World({ projects: [PROJECT] }), []);
  env = { SRS_LIVE_GOOGLE_ENDPOINT: await server.start(), GOOGLE_OAUTH_ACCESS_TOKEN: 't', CDKTF_OUTDIR: folder };
});
afterEach(() => server.stop());

const rollback = (...args: string[]) => runScript('scripts/tools/rollback/main.ts', ['dev', ...args], env);
const call = async (method: string, path: string, body: object): Promise<void> => {
  const url = `${env.SRS_LIVE_GOOGLE_ENDPOINT}/${path}`;
  await fetch(url, { method, headers: { authorization: 'Bearer t' }, body: JSON.stringify(body) });
};

describe('npm run rollback', () => {
  it('sends requests to the revision before, one further back the next time, and forward again', async () => {
    const functions = `cloudfunctions.googleapis.com/v2/projects/${PROJECT}/locations/europe-west1/functions`;
    await call('POST', `${functions}?functionId=srs-live-dev-api`, {});
    for (const memory of ['1Gi', '2Gi'])
      await call('PATCH', `${functions}/srs-live-dev-api?updateMask=serviceConfig`, { serviceConfig: { memory } });
    const path = `projects/${PROJECT}/locations/europe-west1/services/srs-live-dev-api`;
    const serves = () => textAt(listAt(server.world.find('run.googleapis.com', path)?.body, 'traffic')[0], 'revision');
    expect((await rollback('functions', 'api')).stdout).toMatch(
      /srs-live-dev-api-00002-abc serves, instead of srs-live-dev-api-00003/,
    );
    expect(serves()).toBe('srs-live-dev-api-00002-abc');
    await rollback('functions', 'api');
    expect(serves()).toBe('srs-live-dev-api-00001-abc');
    expect((await rollback('functions', 'api')).stdout).toMatch(/there is no revision before it/);
    await rollback('functions', 'api', '--forward');
    expect(serves()).toBe('');
  });

  it('lets new nodes start from an image of before, and refuses one that is not in the registry', async () => {
    const compute = `compute.googleapis.com/compute/v1/${COMPUTE}`;
    const pull = `europe-west1-docker.pkg.dev/${PROJECT}/srs-live-dev-images/node:now`;
    await call('POST', `${compute}/global/instanceTemplates`, {
      name: 't',
      properties: { metadata: { items: [{ key: 'k', value: pull }] } },
    });
    const names = Object.values(json.resource.google_compute_region_instance_group_manager ?? {}).map(({ name }) =>
      String(name),
    );
    for (const name of names)
      await call('POST', `${compute}/regions/europe-west1/instanceGroupManagers`, {
        name,
        versions: [{ instanceTemplate: `${COMPUTE}/global/instanceTemplates/t` }],
      });
    expect((await rollback('nodes', '--image', 'gone')).stderr).toMatch(/node:gone is not in the registry/);
    server.world.put({
      host: 'artifactregistry.googleapis.com',
      path: `${IMAGES}/before`,
      collection: 'tags',
      project: PROJECT,
      body: { name: 'before' },
    });
    const { code, stdout } = await rollback('nodes', '--image', 'before');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/new nodes start from before/)]);
    for (const name of names) {
      const [version] = listAt(server.world.find('compute.googleapis.com', `${GROUP}/${name}`)?.body, 'versions');
      const template = server.world.find('compute.googleapis.com', textAt(version, 'instanceTemplate'));
      expect(JSON.stringify(at(template?.body, 'properties'))).toContain('node:before');
    }
  });

  it.each([
    [['functions', 'web'], /function 'web': use some of api/],
    [['nodes'], /usage/],
    [['nodes', '--image', 'a b'], /image 'a b': use a tag/],
    [['buckets'], /usage/],
  ])('says what it takes: %j', async (args, message) => {
    const { code, stderr } = await rollback(...args);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  });

  it('says what to do when the credentials have expired', async () => {
    env.GOOGLE_OAUTH_ACCESS_TOKEN = 'expired';
    expect((await rollback('functions')).stderr).toMatch(/401.*invalid authentication credentials/);
  });
});
