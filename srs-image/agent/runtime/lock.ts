import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errnoOf } from './errno';

const Holder = z.object({ pid: z.int().positive(), startedAt: z.string() });
type Holder = z.infer<typeof Holder>;

/**
 * Start time in clock ticks (proc(5), field 22): a process id comes back after a reboot, this does not. Empty where
 * there is no /proc.
 */
function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isAlive({ pid, startedAt }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, under another user.
    if (errnoOf(error) !== 'EPERM') return false;
  }
  return startTimeOf(pid) === startedAt;
}

function readHolder(path: string): Holder | undefined {
  try {
    return Holder.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

function tryLock(path: string, holder: Holder): boolean {
  try {
    writeFileSync(path, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * One agent a spool: two would give the same numbers twice. Answers what frees it; throws one sentence for people when
 * another agent holds it. The lock of a process that is gone is taken over.
 */
export function lockSpool(spoolRoot: string): () => void {
  mkdirSync(spoolRoot, { recursive: true });
  const path = join(spoolRoot, 'agent.lock');
  const self = { pid: process.pid, startedAt: startTimeOf(process.pid) };
  if (!tryLock(path, self)) {
    const holder = readHolder(path);
    if (holder !== undefined && isAlive(holder)) {
      throw new Error(
        `the spool ${spoolRoot} is in use by another agent, process ${holder.pid}: end it, or use another spoolRoot`,
      );
    }
    rmSync(path, { force: true });
    if (!tryLock(path, self)) throw new Error(`the spool ${spoolRoot} was taken by another agent just now`);
  }
  return () => rmSync(path, { force: true });
}
