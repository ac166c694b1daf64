import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { StartError } from '../../emulators/server/start-error';
import type { Launch } from './launch';
import type { OriginOptions } from './origin';
import { readSrsConf, SRS_CONF, SRS_SCRIPT, type SrsConf } from './srs-conf';

const run = promisify(execFile);

/**
 * Returns the settings that one machine overrides, in SRS's own way: `SRS_` and the path of a directive, in 5 and 6,
 * for every vhost. RTMP, FLV and the API on loopback ports; the exporter off, and where no ports are given SRT, WebRTC
 * and FLV; the hooks that `srs.conf` has go to the local agent.
 */
export function srsEnvironment(options: OriginOptions, conf: SrsConf): Record<string, string> {
  const hooks = conf.hooks.map((action) => [
    `SRS_VHOST_HTTP_HOOKS_${action.toUpperCase()}`,
    `${options.hooksUrl}/srs/${action}`,
  ]);
  return {
    SRS_DAEMON: 'off',
    SRS_SERVER_ID: options.nodeId,
    SRS_LISTEN: `127.0.0.1:${options.rtmpPort}`,
    SRS_HTTP_API_LISTEN: `127.0.0.1:${options.apiPort}`,
    SRS_VHOST_HLS_HLS_PATH: options.hlsRoot,
    SRS_EXPORTER_ENABLED: 'off',
    ...mediaEnvironment(options),
    ...Object.fromEntries(hooks),
  };
}

/**
 * Sets SRT and WebRTC, which SRS binds to every interface. SRS announces every address of this machine, because a
 * browser that may use a camera sends from them and SRS answers from the address that was asked; the agent adds
 * loopback, which SRS leaves out while there is another.
 */
function mediaEnvironment({ media }: OriginOptions): Record<string, string> {
  if (media === undefined) {
    return {
      SRS_HTTP_SERVER_ENABLED: 'off',
      SRS_SRT_SERVER_ENABLED: 'off',
      SRS_RTC_SERVER_ENABLED: 'off',
    };
  }
  return {
    SRS_HTTP_SERVER_LISTEN: `127.0.0.1:${media.httpPort}`,
    SRS_SRT_SERVER_LISTEN: String(media.srtPort),
    SRS_RTC_SERVER_LISTEN: String(media.rtcPort),
    CANDIDATE: '*',
    SRS_RTC_SERVER_USE_AUTO_DETECT_NETWORK_IP: 'on',
  };
}

/** Makes SRS's working folder and returns the environment: the pid file goes to `./objs`. */
export async function prepareSrsFolder(runFolder: string, options: OriginOptions): Promise<Record<string, string>> {
  await mkdir(join(runFolder, 'objs'), { recursive: true });
  await copyFile(SRS_CONF, join(runFolder, 'srs.conf'));
  await copyFile(SRS_SCRIPT, join(runFolder, 'srs.sh'));
  return srsEnvironment(options, readSrsConf());
}

/** Returns the arguments of `bash` in either case. */
export const srsArguments = (runFolder: string, program: string): string[] => [
  join(runFolder, 'srs.sh'),
  program,
  join(runFolder, 'srs.conf'),
];

/** Launches a real SRS. Rejects with one sentence if `srsBin` is not one. */
export async function srsLaunch(options: OriginOptions, srsBin: string): Promise<Launch> {
  const version = await srsVersion(srsBin);
  return {
    label: `srs ${version}`,
    prepare: async (runFolder) => ({
      command: 'bash',
      args: srsArguments(runFolder, srsBin),
      env: await prepareSrsFolder(runFolder, options),
      channel: false,
    }),
  };
}

const OLDEST_MAJOR = 5;
/** `srs -v` answers at once. */
const VERSION_TIMEOUT_MS = 5000;

async function srsVersion(srsBin: string): Promise<string> {
  const refuse = (why: string): never => {
    throw new StartError(`SRS_BIN '${srsBin}': ${why}; name an SRS 5 or 6, or leave it out to use the built-in origin`);
  };
  await access(srsBin, constants.F_OK).catch(() => refuse('no such file'));
  await access(srsBin, constants.X_OK).catch(() => refuse('not executable'));
  const { stdout, stderr } = await run(srsBin, ['-v'], { timeout: VERSION_TIMEOUT_MS }).catch(() =>
    refuse('does not run'),
  );
  const [version, major] = /^(\d+)\.\d+\.\d+$/m.exec(`${stdout}\n${stderr}`) ?? [];
  if (version === undefined) return refuse("does not answer '-v' with a version, so it is not SRS");
  if (Number(major) < OLDEST_MAJOR) return refuse(`is SRS ${version}`);
  return version;
}
