import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** The address of a Node process's inspector after SIGUSR1. */
const INSPECTOR = 'http://127.0.0.1:9229';
const Targets = z.array(z.object({ webSocketDebuggerUrl: z.string() })).min(1);
const Answer = z.object({ id: z.int(), result: z.record(z.string(), z.unknown()).optional() });
const Profile = z.looseObject({
  nodes: z.array(
    z.looseObject({
      id: z.int(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.int() }),
    }),
  ),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
});

/**
 * CPU profiles of running Node processes, one after the other because they share a port; `<name>.cpuprofile` for a
 * browser's developer tools. Answers what each was busiest with, as a share of the time that it was looked at.
 */
export async function profileAll(
  processes: Readonly<Record<string, number>>,
  { folder, seconds }: { folder: string; seconds: number },
): Promise<Record<string, string[]>> {
  const busiest: Record<string, string[]> = {};
  for (const [name, pid] of Object.entries(processes)) {
    const profile = await profileOf(pid, seconds);
    await writeFile(join(folder, `${name}.cpuprofile`), JSON.stringify(profile));
    busiest[name] = topOf(Profile.parse(profile));
  }
  return busiest;
}

async function profileOf(pid: number, seconds: number): Promise<unknown> {
  process.kill(pid, 'SIGUSR1');
  const inspector = await Inspector.open();
  await inspector.ask('Profiler.enable');
  await inspector.ask('Profiler.start');
  await sleep(seconds * 1000);
  const { profile } = await inspector.ask('Profiler.stop');
  await inspector.leave();
  return profile;
}

/** As much of the inspector's protocol as that takes: https://chromedevtools.github.io/devtools-protocol/ */
class Inspector {
  private asked = 0;
  private constructor(private readonly socket: WebSocket) {}

  static async open(): Promise<Inspector> {
    const [target] = Targets.parse(await (await whenThere()).json());
    const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    return new Inspector(socket);
  }

  async ask(method: string, params: object = {}): Promise<Record<string, unknown>> {
    this.asked += 1;
    const id = this.asked;
    const answered = new Promise<Record<string, unknown>>((resolve) => {
      const listen = ({ data }: MessageEvent) => {
        const answer = Answer.safeParse(JSON.parse(String(data)));
        if (answer.data?.id !== id) return;
        this.socket.removeEventListener('message', listen);
        resolve(answer.data.result ?? {});
      };
      this.socket.addEventListener('message', listen);
    });
    this.socket.send(JSON.stringify({ id, method, params }));
    return answered;
  }

  /** Frees the port for the next process; the process's own answer may not come any more. */
  async leave(): Promise<void> {
    // `require` is there only while the expression is evaluated.
    const expression = "{ const inspector = require('node:inspector'); setImmediate(() => inspector.close()); }";
    const closing = { expression, includeCommandLineAPI: true };
    await this.ask('Runtime.evaluate', closing);
    this.socket.close();
    for (let tries = 0; await isThere(); tries += 1) {
      if (tries === MAX_TRIES) throw new Error('the inspector on 127.0.0.1:9229 does not close');
      await sleep(50);
    }
  }
}

const MAX_TRIES = 100;
const isThere = (): Promise<boolean> =>
  fetch(`${INSPECTOR}/json/version`).then(
    () => true,
    () => false,
  );

async function whenThere(): Promise<Response> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    if (await isThere()) return fetch(`${INSPECTOR}/json/list`);
    await sleep(50);
  }
  throw new Error('no inspector on 127.0.0.1:9229 after SIGUSR1');
}

const MOST = 25;

function topOf({ nodes, samples, timeDeltas }: z.infer<typeof Profile>): string[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byFrame = new Map<string, number>();
  const all = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  samples.forEach((id, at) => {
    const frame = frames.get(id);
    if (frame === undefined) return;
    const file = frame.url.split('/').slice(-2).join('/');
    const name = `${frame.functionName || '(anonymous)'} ${file}:${frame.lineNumber + 1}`;
    byFrame.set(name, (byFrame.get(name) ?? 0) + (timeDeltas[at] ?? 0));
  });
  const sorted = [...byFrame].sort(([, a], [, b]) => b - a).slice(0, MOST);
  return sorted.map(([name, us]) => `${((us / all) * 100).toFixed(1)} % ${name}`);
}
