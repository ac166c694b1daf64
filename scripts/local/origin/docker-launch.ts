import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Launch } from './launch';
import type { OriginOptions } from './origin';
import { prepareSrsFolder, srsArguments } from './srs-launch';

const run = promisify(execFile);

/** The official image. It is never pulled here: run `docker pull` once to get it. */
const SRS_IMAGE = 'ossrs/srs:6';
const ASK_TIMEOUT_MS = 5000;

/**
 * An SRS in a container, if Docker runs here and already holds the image; `undefined` otherwise. Linux only: the
 * container shares the host's network and the HLS folder, and has this user's id because the agent hard-links the
 * segments.
 */
export async function dockerLaunch(options: OriginOptions): Promise<Launch | undefined> {
  const version = process.platform === 'linux' ? await imageVersion() : undefined;
  if (version === undefined) return undefined;
  const name = `srs-live-${options.rtmpPort}`;
  return {
    label: `srs ${version} (docker)`,
    prepare: async (runFolder) => {
      const env = await prepareSrsFolder(runFolder, options);
      const mounts = [runFolder, options.hlsRoot].flatMap((folder) => ['-v', `${folder}:${folder}`]);
      const variables = Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
      const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
      return {
        command: 'docker',
        args: [
          ...['run', '--rm', '--name', name, '--network', 'host', '--user', user, '--workdir', runFolder],
          ...[...mounts, ...variables, SRS_IMAGE, '/bin/bash', ...srsArguments(runFolder, '/usr/local/srs/objs/srs')],
        ],
        env: {},
        channel: false,
        killHard: async () => {
          await run('docker', ['kill', name], { timeout: ASK_TIMEOUT_MS }).catch(() => undefined); // it is already gone
        },
      };
    },
  };
}

async function imageVersion(): Promise<string | undefined> {
  const ask = (...args: string[]) => run('docker', args, { timeout: ASK_TIMEOUT_MS });
  try {
    await ask('info');
    await ask('image', 'inspect', SRS_IMAGE);
    const { stdout, stderr } = await ask(
      'run',
      '--rm',
      '--network',
      'none',
      SRS_IMAGE,
      '/usr/local/srs/objs/srs',
      '-v',
    );
    return /^\d+\.\d+\.\d+$/m.exec(`${stdout}\n${stderr}`)?.[0];
  } catch {
    return undefined;
  }
}
