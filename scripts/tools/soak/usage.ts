import { readdirSync, readFileSync } from 'node:fs';

/** Memory and descriptors of one process at one moment. */
export interface ProcessUse {
  readonly pid: number;
  readonly megabytes: number;
  readonly descriptors: number;
}

/** Reads what each process uses now; one that is gone is left out. Linux only: elsewhere there is nothing to read. */
export function usageOf(processes: Readonly<Record<string, number>>): Record<string, ProcessUse> {
  const found = Object.entries(processes).flatMap(([name, pid]) => {
    try {
      const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      const descriptors = readdirSync(`/proc/${pid}/fd`).length;
      return [[name, { pid, megabytes: Math.round(Number(kilobytes) / 1024), descriptors }] as const];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(found);
}
