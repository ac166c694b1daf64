import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';

/**
 * Decodes what a URL plays for some seconds: frames of picture and packets of sound, and every complaint of the decoder.
 * The one ffmpeg npm carries has no ffprobe beside it; decoding says more.
 */
export async function decode(
  url: string,
  seconds: number,
): Promise<{ frames: number; audioSeconds: number; complaints: string }> {
  const args = [
    '-nostdin',
    '-hide_banner',
    '-loglevel',
    'warning',
    '-stats',
    '-i',
    url,
    '-t',
    String(seconds),
    '-f',
    'null',
    '-',
  ];
  const { stderr } = await promisify(execFile)(ffmpegPath, args, { timeout: (seconds + 30) * 1000 });
  const last = [...stderr.matchAll(/frame=\s*(\d+).*?time=(\d+):(\d+):([\d.]+)/g)].at(-1);
  const [, frames, hours, minutes, rest] = last ?? [];
  return {
    frames: Number(frames ?? 0),
    audioSeconds: Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(rest ?? 0),
    complaints: stderr.replace(/^.*frame=.*$/gm, '').trim(),
  };
}
