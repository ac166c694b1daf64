import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { AgentPackaging } from '../../functions/contract/env/agent';
import type { PackagingOffer } from '../../functions/contract/packaging';

/** The packagings that this machine can make; absent: MPEG-TS only. */
export interface HasPackaging {
  readonly packaging: AgentPackaging | undefined;
}

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Tells whether a program is Debian's ffmpeg 5.1 or newer: the one of npm is of 2018 and lacks `-fps_mode`. */
async function isEncoder(path: string): Promise<boolean> {
  if (!(await isProgram(path))) return false;
  const help = await promisify(execFile)(path, ['-hide_banner', '-h', 'encoder=libx264'], { timeout: 10_000 }).catch(
    () => undefined,
  );
  const modes = await promisify(execFile)(path, ['-hide_banner', '-h', 'long'], {
    timeout: 10_000,
    maxBuffer: 4 << 20,
  }).catch(() => undefined);
  return help?.stdout.includes('libx264') === true && modes?.stdout.includes('-fps_mode') === true;
}

/** Finds the programs of this machine: Shaka Packager from npm, ffmpeg from `FFMPEG_BIN` or the PATH. */
export async function localPackaging(
  root: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<AgentPackaging | undefined> {
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const packager = join(
    root,
    'node_modules/shaka-packager/bin',
    `packager-${process.platform === 'darwin' ? 'osx' : 'linux'}-${arch}`,
  );
  if (!(await isProgram(packager))) return undefined;
  const onPath = (env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  const candidates = env.FFMPEG_BIN === undefined ? onPath.map((folder) => join(folder, 'ffmpeg')) : [env.FFMPEG_BIN];
  let ffmpeg: string | undefined;
  for (const path of candidates) if (ffmpeg === undefined && (await isEncoder(path))) ffmpeg = path;
  return { packager, ...(ffmpeg && { ffmpeg }), ladderCores: availableParallelism() };
}

/** Returns the packagings that the API offers here. */
export const packagingOffer = (packaging: AgentPackaging | undefined): PackagingOffer => ({
  cmaf: packaging !== undefined,
  ladders: packaging?.ffmpeg !== undefined,
  default: { packaging: 'ts', ladder: 'none' },
});
