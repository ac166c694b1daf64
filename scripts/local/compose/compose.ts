import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartError } from '../../emulators/server/start-error';

const run = promisify(execFile);

const FILE = 'srs-image/image/compose.yaml';
/** An engine that hangs must not make the start hang. */
const ASK_TIMEOUT_MS = 10_000;
/** Images are pulled and built the first time. */
const UP_TIMEOUT_MS = 900_000;

/** Variables by which docker finds its program, settings and engine. */
const OF_DOCKER = ['PATH', 'HOME', 'DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'XDG_RUNTIME_DIR'];
const ofDocker = (): Record<string, string> =>
  Object.fromEntries(
    OF_DOCKER.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] ?? '']])),
  );

export type ComposeServiceName = 'srs' | 'turn' | 'firestore';

const ask = async (args: readonly string[], refusal: string): Promise<void> => {
  await run('docker', [...args], { timeout: ASK_TIMEOUT_MS, env: ofDocker() }).catch(() => {
    throw new StartError(`--docker: ${refusal}; or leave --docker out: nothing needs it`);
  });
};

/** Rejects with one sentence where containers cannot be run. */
export async function requireDocker(): Promise<void> {
  if (process.platform !== 'linux')
    throw new StartError('--docker: containers share the network of this machine on Linux only');
  await ask(['info'], 'no Docker engine answers, start one');
  await ask(['compose', 'version'], "this docker has no 'docker compose', install it");
}

/** The project's Compose file under a name of its own, so that two stacks do not share containers. */
export class Compose {
  constructor(
    private readonly root: string,
    private readonly project: string,
    /** All variables of the file, for any service: Compose requires them all. A service sees only its own. */
    private readonly variables: Readonly<Record<string, string>>,
  ) {}

  get env(): Record<string, string> {
    return { ...ofDocker(), ...this.variables };
  }

  args(...args: readonly string[]): string[] {
    return ['compose', '--file', join(this.root, FILE), '--project-name', this.project, ...args];
  }

  /** Runs Docker Compose. Rejects with one sentence that ends with Docker's last line. */
  async run(...args: readonly string[]): Promise<void> {
    const options = { timeout: UP_TIMEOUT_MS, env: this.env, maxBuffer: 64 << 20 };
    await run('docker', this.args(...args), options).catch((error: unknown) => {
      const [reason = ''] = String(error instanceof Error ? error.message : error)
        .trim()
        .split('\n')
        .slice(-1);
      throw new StartError(`docker compose ${args.join(' ')}: ${reason}`);
    });
  }
}
