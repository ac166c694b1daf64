import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';

/** One call of a program. `nice`: 0 is as important as the agent, 19 the least. */
export interface ProgramCall {
  program: string;
  args: readonly string[];
  folder: string;
  limitMs: number;
  nice: number;
}

/** A program ended badly, or was killed because it took too long. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/** Last characters of what a program complained about. */
const MAX_COMPLAINT = 500;

function lower(pid: number | undefined, nice: number): void {
  if (pid === undefined || nice === 0) return;
  try {
    setPriority(pid, nice);
  } catch {
    // It ended before.
  }
}

/**
 * Runs a program by an argument list, never through a shell, without any of this process's environment. Resolves when
 * it exits with 0. Rejects with ProgramError for every other end, and after `limitMs`, when it is killed.
 */
export async function runProgram({ program, args, folder, limitMs, nice }: ProgramCall): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const options = { cwd: folder, env: {}, timeout: limitMs, killSignal: 'SIGKILL' as const };
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
    lower(child.pid, nice);
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-MAX_COMPLAINT);
    });
    child.once('error', (error) => reject(new ProgramError(`${program} did not start: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(new ProgramError(`${program} ended with ${signal ?? code} (limit ${limitMs} ms): ${complaint.trim()}`));
    });
  });
}
