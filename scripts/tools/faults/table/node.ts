import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Fault, Mend, Scene, StackPart } from '../fault';
import { freeze, signalIfThere } from '../freeze';

const run = promisify(execFile);
const nothing: Mend = () => undefined;

/** Makes the row of a part that dies, once or more often. */
const killed = (part: StackPart, does: string, more: Partial<Fault>, times = 1): Fault => ({
  name: times === 1 ? `${part}-killed` : `${part}-crash-loop`,
  does,
  lastsSeconds: 0,
  isFelt: true,
  discontinuities: 0,
  ...more,
  strike: async (scene) => {
    await killAgain(scene, part, times);
    return nothing;
  },
});

async function killAgain(scene: Scene, part: StackPart, times: number): Promise<void> {
  for (let done = 0; done < times; done++) {
    if (done > 0) await sleep(2500);
    signalIfThere(scene.pid(part), 'SIGKILL');
  }
}

const frozen = (part: StackPart, discontinuities: number): Fault => ({
  name: `${part}-frozen`,
  does: `The ${part} hangs for 5 s and goes on.`,
  lastsSeconds: 5,
  isFelt: true,
  discontinuities,
  strike: (scene) => freeze(scene.pid(part)),
});

/** Sets a limit of a running process, and returns a function that restores it. */
async function limited(pid: number, limit: 'fsize' | 'nofile', value: number): Promise<Mend> {
  const { stdout } = await run('prlimit', [
    `--pid=${pid}`,
    `--${limit}`,
    '--noheadings',
    '--raw',
    '--output=SOFT,HARD',
  ]);
  const [soft = 'unlimited', hard = 'unlimited'] = stdout.trim().split(/\s+/);
  await run('prlimit', [`--pid=${pid}`, `--${limit}=${value}:${hard}`]);
  return () => run('prlimit', [`--pid=${pid}`, `--${limit}=${soft}:${hard}`]);
}

/** Rows of events on a node: SRS (or the built-in origin), agent, gate, disk. */
export const NODE: readonly Fault[] = [
  killed('agent', 'The agent is killed and comes back.', { isShort: true }),
  killed('agent', 'The agent is killed three times, 2.5 s apart.', {}, 3),
  frozen('agent', 0),
  killed('origin', 'The origin is killed and comes back; the encoder reconnects.', {
    discontinuities: 1,
    isShort: true,
  }),
  killed('origin', 'The origin is killed three times, 2.5 s apart.', { discontinuities: 3 }, 3),
  frozen('origin', 1),
  killed('gate', 'The gate is killed and comes back; the encoder reconnects.', { discontinuities: 1 }),
  killed('gate', 'The gate is killed three times, 2.5 s apart.', { discontinuities: 3 }, 3),
  frozen('gate', 1),
  {
    name: 'node-restarted',
    does: 'Origin, agent and gate are killed at once and come back, as a VM that is reset.',
    lastsSeconds: 0,
    isFelt: true,
    discontinuities: 1,
    strike: (scene) => {
      for (const part of ['gate', 'origin', 'agent'] as const) signalIfThere(scene.pid(part), 'SIGKILL');
      return nothing;
    },
  },
  {
    name: 'spool-full',
    does: "The agent can write no byte to its disk (the process's limit of file size is 0).",
    lastsSeconds: 6,
    isFelt: true,
    discontinuities: 0,
    strike: (scene) => limited(scene.pid('agent'), 'fsize', 0),
  },
  {
    name: 'agent-out-of-descriptors',
    does: 'The agent can open no file or connection more.',
    lastsSeconds: 6,
    isFelt: true,
    discontinuities: 0,
    strike: async (scene) => {
      const pid = scene.pid('agent');
      return limited(pid, 'nofile', (await readdir(`/proc/${pid}/fd`)).length);
    },
  },
];
