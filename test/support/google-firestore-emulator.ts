import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { freePort } from './free-port';

const MAIN_CLASS = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';
const START_LIMIT_MS = 30_000;

/** Google's own emulator as gcloud installs it; undefined where gcloud, this part of it, or java is missing. */
export function findEmulator(): string | undefined {
  const gcloud = spawnSync('sh', ['-c', 'command -v gcloud && command -v java'], { encoding: 'utf8' });
  const [path] = gcloud.stdout.split('\n');
  if (gcloud.status !== 0 || !path) return undefined;
  const jar = join(dirname(realpathSync(path)), '../platform/cloud-firestore-emulator/cloud-firestore-emulator.jar');
  return existsSync(jar) ? jar : undefined;
}

export interface RunningEmulator {
  host: string;
  stop(): Promise<void>;
}

/** Starts `jar` in a process group of its own, without gcloud's wrapper, which leaves java behind when it is ended. */
export async function startEmulator(jar: string): Promise<RunningEmulator> {
  const host = `127.0.0.1:${await freePort()}`;
  const args = ['-Duser.language=en', '-cp', jar, MAIN_CLASS, 'start', '--host', '127.0.0.1', '--port', host.split(':')[1] ?? ''];
  const child = spawn('java', args, { detached: true, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    endGroup(child);
    await ended;
  };
  try {
    await answering(host, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { host, stop };
}

/** The emulator answers HTTP on the port of gRPC. */
async function answering(host: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`http://${host}/`).catch(() => undefined);
    if (answer?.ok) return;
    await sleepFor(100);
  }
  throw new Error(`Google's Firestore emulator did not answer on ${host}`);
}

function endGroup({ pid, exitCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGKILL');
}
