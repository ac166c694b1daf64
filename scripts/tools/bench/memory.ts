import { readdirSync, readFileSync } from 'node:fs';

/** `getconf PAGESIZE` on every machine Google and Debian ship Node for. */
const PAGE_BYTES = 4096;
const EVERY_MS = 25;

/** Returns the resident bytes of all processes of a group, shared pages counted in each: an upper bound. */
function groupBytes(group: number): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.reduce((sum, pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // After the name: state, parent, group, and further on the resident pages.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(fields[2]) === group ? sum + Number(fields[21]) * PAGE_BYTES : sum;
    } catch {
      return sum;
    }
  }, 0);
}

/** Watches a process group; the returned function ends it and returns the most bytes that the group held at a time. */
export function watchMemory(group: number): () => number {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, groupBytes(group));
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    return peak;
  };
}
