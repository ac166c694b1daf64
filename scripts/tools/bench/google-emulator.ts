import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { freePort } from './free-port';

/** One of Google's own emulators. */
export interface EmulatorKind {
  readonly name: string;
  /** Finds its program; `undefined` where it, or what runs it, is missing. */
  find(): string | undefined;
  /** Names the program or package that has to be there so that `find` finds it. */
  readonly needs: string;
  /** The command line that runs `program` on 127.0.0.1:`port`. */
  command(program: string, port: number): readonly [string, ...string[]];
}

/**
 * Returns an emulator that gcloud installs: the jar of this name in `folder`, below the `platform` folder of its SDK,
 * and the arguments of java.
 */
export const javaEmulator = (
  name: string,
  where: { folder: string; jar: RegExp },
  args: (jar: string, port: number) => readonly string[],
): EmulatorKind => ({
  name,
  needs: 'gcloud with this component, and java',
  find: () => findJar(where),
  command: (jar, port) => ['java', '-Duser.language=en', ...args(jar, port)],
});

export const FIRESTORE_EMULATOR = javaEmulator(
  "Google's Firestore emulator",
  { folder: 'cloud-firestore-emulator', jar: /^cloud-firestore-emulator\.jar$/ },
  (jar, port) => [
    ...['-cp', jar, 'com.google.cloud.datastore.emulator.firestore.CloudFirestore', 'start'],
    ...['--host', '127.0.0.1', '--port', `${port}`],
  ],
);

const START_LIMIT_MS = 30_000;

function findJar({ folder, jar }: { folder: string; jar: RegExp }): string | undefined {
  const gcloud = spawnSync('sh', ['-c', 'command -v gcloud && command -v java'], { encoding: 'utf8' });
  const [path] = gcloud.stdout.split('\n');
  if (gcloud.status !== 0 || !path) return undefined;
  const platform = join(dirname(realpathSync(path)), '../platform', folder);
  const found = existsSync(platform) ? readdirSync(platform).find((file) => jar.test(file)) : undefined;
  return found === undefined ? undefined : join(platform, found);
}

export interface RunningEmulator {
  host: string;
  stop(): Promise<void>;
}

/** Ends each emulator that runs: they are in process groups of their own, which no signal to this process reaches. */
const running = new Set<() => Promise<void>>();

/** Ends every emulator this process started. */
export const stopEmulators = (): Promise<unknown> => Promise.all([...running].map((stop) => stop()));

/**
 * Starts `program` in a process group of its own, without gcloud's wrapper, which leaves java behind; on a free port
 * where none is given.
 */
export async function startEmulator(kind: EmulatorKind, program: string, atPort?: number): Promise<RunningEmulator> {
  const port = atPort ?? (await freePort());
  const host = `127.0.0.1:${port}`;
  const [command, ...args] = kind.command(program, port);
  const child = spawn(command, args, { detached: true, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    endGroup(child);
    await ended;
    running.delete(stop);
  };
  running.add(stop);
  try {
    await answering(kind, { host, child });
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, stop };
}

/** These emulators answer HTTP on the port of gRPC. */
async function answering(
  { name }: EmulatorKind,
  { host, child }: { host: string; child: ChildProcess },
): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`http://${host}/`).catch(() => undefined);
    if (answer?.ok) return;
    await sleepFor(100);
  }
  throw new Error(`${name} did not answer on ${host}`);
}

function endGroup({ pid, exitCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGKILL');
}
