import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';

/** The picture and sound of a stream. */
export interface Decoded {
  /** Pictures that differ from the one before: of a picture that stands there is one. */
  readonly frames: number;
  /** Seconds of sound that can be heard, by its samples and its loudness: of silence there are none. */
  readonly audioSeconds: number;
  /** The complaints of the decoder. */
  readonly complaints: string;
}

/** Quieter than this is silence, in decibels of full scale; silence counts from this many seconds on. */
const SILENCE = 'silencedetect=noise=-50dB:duration=0.2';
/** Any change at all: by default small ones count as none. */
const CHANGES = 'mpdecimate=hi=256:lo=128:frac=0.01';

async function ffmpeg(args: readonly string[], seconds: number): Promise<string> {
  const all = ['-nostdin', '-hide_banner', '-loglevel', 'level+info', '-stats', ...args];
  const { stderr } = await promisify(execFile)(ffmpegPath, all, { timeout: (seconds + 30) * 1000, maxBuffer: 1 << 26 });
  return stderr;
}

/**
 * Decodes what a URL plays for some seconds: picture and sound, each by its own measure, and every complaint of the
 * decoder. The one ffmpeg npm carries has no ffprobe beside it; decoding says more.
 */
export async function decode(url: string, seconds: number): Promise<Decoded> {
  const filters = ['-vf', CHANGES, '-af', `aresample=48000,${SILENCE},astats`];
  const said = await ffmpeg(['-i', url, '-t', String(seconds), ...filters, '-f', 'null', '-'], seconds);
  const frames = Number([...said.matchAll(/frame=\s*(\d+)/g)].at(-1)?.[1] ?? 0);
  const complaints = said.split(/[\r\n]+/).filter((line) => /\[(warning|error|fatal|panic)\]/.test(line));
  return { frames, audioSeconds: audibleSeconds(said), complaints: complaints.join('\n') };
}

/** Seconds of sound without those that are silent. */
function audibleSeconds(said: string): number {
  const total = Number([...said.matchAll(/Number of samples: (\d+)/g)].at(-1)?.[1] ?? 0) / 48_000;
  const silent = [...said.matchAll(/silence_duration: ([\d.]+)/g)].reduce((sum, [, each]) => sum + Number(each), 0);
  const open = [...said.matchAll(/silence_(start|end): (-?[\d.]+)/g)].at(-1);
  // Silence that lasts to the end is begun and never ended.
  const rest = open?.[1] === 'start' ? Math.max(0, total - Number(open[2])) : 0;
  return Math.max(0, total - silent - rest);
}

/** Returns when the picture flashes and when the beep sounds, in seconds of one clock. */
export async function flashesAndBeeps(url: string, seconds: number): Promise<{ flashes: number[]; beeps: number[] }> {
  const filters = ['-vf', 'scale=16:16,format=gray,showinfo', '-af', 'silencedetect=noise=-30dB:duration=0.2'];
  const said = await ffmpeg(['-i', url, '-t', String(seconds), ...filters, '-f', 'null', '-'], seconds);
  const frames = [...said.matchAll(/pts_time:([\d.]+) .*?mean:\[(\d+)/g)].map(([, at, mean]) => ({
    at: Number(at),
    bright: Number(mean) > 128,
  }));
  const flashes = frames.filter(({ bright }, at) => bright && frames[at - 1]?.bright === false).map(({ at }) => at);
  return { flashes, beeps: [...said.matchAll(/silence_end: ([\d.]+)/g)].map(([, at]) => Number(at)) };
}

/** The most that a flash and the beep nearest to it are apart, in seconds; throws where either is missing. */
export function apart({ flashes, beeps }: { flashes: readonly number[]; beeps: readonly number[] }): number {
  if (flashes.length === 0 || beeps.length === 0)
    throw new Error(`${flashes.length} flashes and ${beeps.length} beeps`);
  // A flash or beep at the edge of the interval has no partner in it.
  const from = Math.max(flashes[0] ?? 0, beeps[0] ?? 0) - 0.5;
  const to = Math.min(flashes.at(-1) ?? 0, beeps.at(-1) ?? 0) + 0.5;
  const within = flashes.filter((at) => at >= from && at <= to);
  return Math.max(...within.map((flash) => Math.min(...beeps.map((beep) => Math.abs(beep - flash)))));
}
