import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleFolder, entryPoint, FUNCTIONS, type FunctionName } from '../../../functions/contract/env/functions';
import { firestoreServer } from '../../emulators/firestore';
import { objectStoreServer } from '../../emulators/gcs';
import { DEPLOYED_NODE, deployedNodeMissing } from './deployed-node';
import { type Figure, figure } from './figures';
import { FUNCTION_ENV } from './function-env';

/** The Node under test; that of the functions where it is installed. */
const node = deployedNodeMissing() === undefined ? DEPLOYED_NODE : process.execPath;
const framework = join(__dirname, '../../../node_modules/@google-cloud/functions-framework/build/src/main.js');

/** A bundle that the functions framework runs. */
export interface Program {
  readonly name: string;
  readonly target: string;
  /** Its folder. */
  readonly source: string;
}

/**
 * Measures from the start of the process to its first whole answer: a refusal, or for the reconciler a pass without
 * streams.
 */
export async function coldStartOf(
  { name, target, source }: Program,
  port: number,
  standIns: Readonly<Record<string, string>>,
): Promise<number> {
  const began = performance.now();
  const args = [framework, `--target=${target}`, `--source=${source}`, `--port=${port}`];
  const child = spawn(node, args, { env: { ...process.env, ...FUNCTION_ENV, ...standIns }, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    for (;;) {
      const answered = await fetch(`http://127.0.0.1:${port}/nothing-here`, { method: 'POST', body: '{"bench": true}' })
        .then((response) => response.text())
        .then(
          () => true,
          () => false,
        );
      if (answered) return performance.now() - began;
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode} before it answered`);
      if (performance.now() - began > 20_000) throw new Error(`${name} does not answer within 20 s`);
      await sleep(5);
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/**
 * Measures the cold start of every function's bundle: from the start of Node to the first answer, with the emulators of
 * this machine behind it.
 */
export async function coldStarts(basePort: number, runs: number): Promise<Figure[]> {
  const buckets = ['ingest', 'open', 'gated'].map((name) => ({ name }));
  const storage = objectStoreServer({ port: 0, buckets });
  const firestore = firestoreServer({ port: 0 });
  try {
    const standIns = {
      STORAGE_API_ENDPOINT: (await storage.start()).origin,
      FIRESTORE_EMULATOR_HOST: (await firestore.start()).host,
    };
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    const figures: Figure[] = [];
    for (const name of functionNames) {
      const samples: number[] = [];
      const program = { name, target: entryPoint(name), source: bundleFolder(name) };
      for (let run = 0; run <= runs; run++) samples.push(await coldStartOf(program, basePort + run, standIns));
      // The first one reads the bundle from disk.
      figures.push(figure(`cold start of ${name}, Node ${version}`, samples.slice(1), { goalP95: 350 }));
    }
    return figures;
  } finally {
    await Promise.all([storage.stop(), firestore.stop()]);
  }
}

const functionNames = Object.keys(FUNCTIONS).filter((key): key is FunctionName => key in FUNCTIONS);
