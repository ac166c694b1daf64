import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Figure, figure } from './figures';

/** Bundles and all environments, as an operator runs it. */
export async function synthTime(runs: number): Promise<Figure> {
  const samples: number[] = [];
  for (let run = 0; run < runs; run++) {
    const began = performance.now();
    await promisify(execFile)('npm', ['run', '--silent', 'synth'], { timeout: 120_000 });
    samples.push(performance.now() - began);
  }
  return figure('synth of all stacks', samples, { goalP95: 30_000 });
}
