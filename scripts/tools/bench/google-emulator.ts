import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { freePort } from './free-port';

/** One of Google's own emulators, as gcloud installs it. */
export interface EmulatorKind {
  readonly name: string;
  /** Folder below the SDK's `platform`, and how its jar's name looks. */
  readonly folder: string;
  readonly jar: RegExp;
  readonly args: (jar: string, port: number) => readonly string[];
}

export const FIRESTORE_EMULATOR: EmulatorKind = {
  name: "Google's Firestore emulator",
  folder: 'cloud-firestore-emulator',
  jar: /^cloud-firestore-emulator\.jar$/,
  args: (jar, port) => [
    '-cp',
    jar,
    'com.google.cloud.datastore.emulator.firestore.CloudFirestore',
    'start',
    '--host',
    '127.0.0.1',
    '--port',
    `${port}`,
  ],
};

const START_LIMIT_MS = 30_000;

/** Path of its jar; undefined where gcloud, this part of it, or java is missing. */
export function findEmulator({ folder, jar }: EmulatorKind): string | undefined {
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

/** Starts `jar` in a process group of its own, without gcloud's wrapper, which leaves java behind when it is ended. */
export async function startEmulator(kind: EmulatorKind, jar: string): Promise<RunningEmulator> {
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const child = spawn('java', ['-Duser.language=en', ...kind.args(jar, port)], { detached: true, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    endGroup(child);
    await ended;
  };
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
