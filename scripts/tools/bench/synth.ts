import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Figure, figure } from './figures';
import { watchMemory } from './memory';

const LIMIT_MS = 120_000;

/**
 * Measures bundles and all environments, as an operator makes them: the time, and the most memory that its processes
 * hold together.
 */
export async function synthFigures(runs: number): Promise<Figure[]> {
  const times: number[] = [];
  const megabytes: number[] = [];
  for (let run = 0; run < runs; run++) {
    const began = performance.now();
    megabytes.push((await peakBytes('npm', ['run', '--silent', 'synth'])) / 1e6);
    times.push(performance.now() - began);
  }
  return [
    figure('synth of all stacks', times, { goalP95: 30_000 }),
    figure('memory of that', megabytes, { goalP95: 1500, unit: 'MB' }),
  ];
}

/** Runs a command in a process group of its own. Throws unless it ends with 0. */
async function peakBytes(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { detached: true, stdio: 'ignore', timeout: LIMIT_MS });
  const ended = once(child, 'exit');
  const peak = watchMemory(child.pid ?? 0);
  const [code] = await ended;
  const bytes = peak();
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${code}`);
  return bytes;
}
