import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port';

const START_LIMIT_MS = 20_000;

/** A MediaMTX that takes RTMP and gives HLS, on loopback. */
export interface MediaMtx {
  readonly pid: number;
  rtmp(path: string): string;
  hls(path: string): string;
  stop(): Promise<void>;
}

/** HLS as this product delivers it: transport streams of 2 s, for every publisher from its first frame. */
const settings = (rtmpPort: number, hlsPort: number): string =>
  [
    'logLevel: error',
    'rtsp: no',
    'webrtc: no',
    'srt: no',
    'moq: no',
    `rtmpAddress: 127.0.0.1:${rtmpPort}`,
    `hlsAddress: 127.0.0.1:${hlsPort}`,
    'hlsAlwaysRemux: yes',
    'hlsVariant: mpegts',
    'hlsSegmentDuration: 2s',
    'paths:',
    '  all_others:',
    '',
  ].join('\n');

/** The program's own version. */
export const versionOf = (program: string): string =>
  execFileSync(program, ['--version'], { encoding: 'utf8', timeout: START_LIMIT_MS }).trim();

/** Starts MediaMTX; resolves once it answers. */
export async function startMediaMtx(program: string): Promise<MediaMtx> {
  const folder = await mkdtemp(join(tmpdir(), 'srs-live-mediamtx-'));
  const rtmpPort = await freePort();
  const hlsPort = await freePort();
  const file = join(folder, 'mediamtx.yml');
  await writeFile(file, settings(rtmpPort, hlsPort));
  const child = spawn(program, [file], { cwd: folder, stdio: 'ignore' });
  const hls = (path: string) => `http://127.0.0.1:${hlsPort}/${path}/index.m3u8`;
  const stop = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await answers(hls('nothing')))) {
    if (Date.now() > deadline || child.exitCode !== null) {
      await stop();
      throw new Error(`${program} did not answer`);
    }
    await sleep(50);
  }
  return { pid: child.pid ?? 0, rtmp: (path) => `rtmp://127.0.0.1:${rtmpPort}/${path}`, hls, stop };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
