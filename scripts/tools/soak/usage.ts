import { readdirSync, readFileSync } from 'node:fs';

/** Memory and descriptors of one process at one moment. */
export interface ProcessUse {
  readonly pid: number;
  readonly megabytes: number;
  readonly descriptors: number;
}

/**
 * Reads the present use of each process; one that is gone is left out. On systems other than Linux it returns nothing.
 */
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
