import { z } from 'zod';
import { CliError } from '../google/cli-error';
import type { GoogleApi } from '../google/google-api';
import type { StackJson } from '../google/stack-json';
import { metricsSeen } from './metrics';
import type { Plan } from './plan';
import { summary } from './plan-summary';
import { runOwn } from './run-program';
import { failure, type TerraformCommand } from './terraform';
import { troubleIn } from './troubles';

export interface DeployRun {
  readonly environment: string;
  readonly stack: StackJson;
  readonly bootstrap: StackJson;
  readonly terraform: TerraformCommand;
  /** Returns the API that charges calls to a project's quota, or to none. */
  readonly apiOf: (quotaProject?: string) => Promise<GoogleApi>;
  /** Asks whether a shown plan is to be applied. */
  readonly agree: (plan: Plan) => Promise<boolean>;
  readonly say: (line: string) => void;
  readonly pass: (seconds: number) => Promise<void>;
}

/**
 * One step: checks the present state, does the missing part, and reports it in one sentence. Repeated, it does nothing.
 */
export interface DeployStep {
  readonly name: string;
  readonly run: (deployment: DeployRun) => Promise<string>;
}

/** The number of retries of a temporary trouble. */
const TRIES = 8;

/** Plans a stack and carries the plan out, and tries again where Google was not ready yet. */
async function apply(deployment: DeployRun, stack: string): Promise<string> {
  const { terraform, say, pass } = deployment;
  await terraform.init(stack);
  let waited = 0;
  for (let tried = 0; tried < TRIES; tried++) {
    const plan = await terraform.plan(stack);
    if (plan === undefined) return waited === 0 ? 'nothing to change' : `done, after ${waited} s of waiting for Google`;
    for (const line of summary(plan)) say(`  ${line}`);
    if (!(await deployment.agree(plan))) throw new CliError(`${stack}: not carried out; nothing was changed`);
    const ran = await terraform.apply(stack);
    if (ran.code === 0) return `${summary(plan)[0]}${waited === 0 ? '' : `, after ${waited} s of waiting for Google`}`;
    const trouble = troubleIn(ran.said);
    if (trouble?.waitSeconds === undefined) throw failure(stack, ran);
    say(`  ${trouble.says}: again in ${trouble.waitSeconds} s`);
    await pass(trouble.waitSeconds);
    waited += trouble.waitSeconds;
  }
  throw new CliError(`${stack}: Google was not ready after ${waited} s: run the same command again later`);
}

const SECRET = 'google_secret_manager_secret';
const Bucket = z.object({ name: z.string() });

const stateBucket: DeployStep = {
  name: 'state bucket',
  async run({ bootstrap: { stateBucket: name, projectId }, apiOf }) {
    const api = await apiOf();
    const found = await api.find(Bucket, { method: 'GET', path: `storage.googleapis.com/storage/v1/b/${name}` });
    if (found !== undefined) return `${name} is there`;
    throw new CliError(
      `bucket ${name} is not there, and every state lies in it: 'gcloud storage buckets create gs://${name} ` +
        `--project=${projectId} --location=<region> --uniform-bucket-level-access'`,
    );
  },
};

const firstLook: DeployStep = {
  name: 'first look',
  async run({ environment, say }) {
    await runOwn('preflight', [environment, '--first'], (line) => say(`  ${line}`));
    return 'nothing stands in the way of bootstrap';
  },
};

const foundation: DeployStep = { name: 'bootstrap', run: (deployment) => apply(deployment, 'bootstrap') };

const preflight: DeployStep = {
  name: 'preflight',
  async run({ environment, say }) {
    await runOwn('preflight', [environment], (line) => say(`  ${line}`));
    return 'ready to deploy';
  },
};

const keys: DeployStep = {
  name: 'keys',
  async run({ environment, say }) {
    await runOwn('keys', [environment, 'init'], (line) => say(`  ${line}`));
    return 'every secret has a value';
  },
};

const firstKeys: DeployStep = {
  name: 'first keys',
  run: (deployment) =>
    deployment.bootstrap.types().includes(SECRET)
      ? keys.run(deployment)
      : Promise.resolve('secrets come with the environment: later'),
};

const metrics: DeployStep = {
  name: 'log metrics',
  async run({ stack: { projectId }, bootstrap, apiOf, pass }) {
    const waited = await metricsSeen({ api: await apiOf(projectId), bootstrap, projectId }, pass);
    return waited === 0 ? 'Cloud Monitoring knows them' : `Cloud Monitoring knows them, after ${waited} s`;
  },
};

const environment: DeployStep = { name: 'environment', run: (deployment) => apply(deployment, deployment.environment) };

const smoke: DeployStep = {
  name: 'smoke',
  async run({ environment: name, say }) {
    await runOwn('smoke', [name], (line) => say(`  ${line}`));
    return 'publishing and watching work';
  },
};

/** All steps from an empty project to a stream that plays, in the order that works. */
export const STEPS: readonly DeployStep[] = [
  stateBucket,
  firstLook,
  foundation,
  preflight,
  firstKeys,
  metrics,
  environment,
  keys,
  smoke,
];
