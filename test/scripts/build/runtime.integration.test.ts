import { execFileSync, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleFolder, entryPoint, FUNCTIONS, type FunctionName } from '../../../functions/contract/env/functions';
import { interpret } from '../../../scripts/local/blueprint/read-blueprint';
import { createSecrets } from '../../../scripts/local/secrets';
import { DEPLOYED_NODE, deployedNodeMissing } from '../../../scripts/tools/bench/deployed-node';
import { realPart } from '../../support/platform/real-part';
import { freePort } from '../../support/platform/worker-ports';
import { ENVIRONMENTS, resourcesOf, synthEnvironment } from '../../support/synth';

const FRAMEWORK = 'node_modules/@google-cloud/functions-framework/build/src/main.js';

const { secretOf } = createSecrets();
const json = synthEnvironment(ENVIRONMENTS.dev);
const blueprint = interpret(json, 'dev', {
  projectNumber: '1',
  functionUrl: (name) => `https://${name}.example.com`,
  publicOrigin: 'https://live.example.com',
  rtmpServer: 'rtmp://live.example.com/live',
});

/** Starts a bundle with the environment that infra gives it, waits for its first answer, ends it. */
async function firstAnswer(name: FunctionName): Promise<number> {
  const given = blueprint.functions.find((one) => one.entryPoint === entryPoint(name));
  const secrets = Object.fromEntries(Object.entries(given?.secrets ?? {}).map(([key, id]) => [key, secretOf(id)]));
  const port = await freePort();
  const args = [FRAMEWORK, `--target=${entryPoint(name)}`, `--source=${bundleFolder(name)}`, `--port=${port}`];
  // Nobody is there: Google's client needs no credentials to find that out. Without any it rejects where nothing can
  // catch it.
  const absent = { FIRESTORE_EMULATOR_HOST: '127.0.0.1:9', METADATA_SERVER_DETECTION: 'none' };
  const env = { PATH: process.env.PATH, ...absent, ...given?.env, ...secrets };
  const child = spawn(DEPLOYED_NODE, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/nothing-here`).catch(() => undefined);
      if (answer !== undefined) return answer.status;
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${said}`);
      await sleep(20);
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

realPart('the Node that functions are deployed on', deployedNodeMissing(), () => {
  beforeAll(() => void execFileSync(process.execPath, ['scripts/build/build.mjs']), 60_000);

  it('is the runtime that infra asks for', () => {
    const runtimes = resourcesOf(json, /^google_cloudfunctions2_function$/).map(({ attributes }) =>
      JSON.stringify(attributes.build_config),
    );
    const major = execFileSync(DEPLOYED_NODE, ['--version'], { encoding: 'utf8' }).split('.')[0]?.slice(1);
    for (const runtime of runtimes) expect(runtime).toContain(`"runtime":"nodejs${major}"`);
  });

  it.each(Object.values(FUNCTIONS).map(({ name }) => name))(
    '%s starts with the environment that infra gives it, and answers',
    async (name) => {
      expect(await firstAnswer(name)).toBeGreaterThanOrEqual(200);
    },
    30_000,
  );
});
