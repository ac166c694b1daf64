import { readFileSync } from 'node:fs';

/** Ticks of `/proc/<pid>/stat`: `getconf CLK_TCK` is 100 on every Linux Node runs on. */
const TICK_MS = 10;

/** CPU time a process has used, its own and that of children it waited for, in milliseconds; 0 when it is gone. */
function cpuMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name may hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * TICK_MS, 0);
  } catch {
    return 0;
  }
}

/** Share of one core each process used since the call, when asked. */
export function watchCpu(pids: Readonly<Record<string, number>>): () => Record<string, number> {
  const startedAt = performance.now();
  const before = new Map(Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)]));
  return () => {
    const elapsed = performance.now() - startedAt;
    const share = ([name, pid]: [string, number]) =>
      Math.round(((cpuMs(pid) - (before.get(name) ?? 0)) / elapsed) * 100) / 100;
    return Object.fromEntries(Object.entries(pids).map((each) => [each[0], share(each)]));
  };
}
