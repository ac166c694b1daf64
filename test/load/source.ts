import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { readFlvTags } from './flv-tags';
import type { Recording } from './rtmp-sender';

/** 20 s of picture at 536 kbit/s and sound at 64 kbit/s, a keyframe every 2 s: 600 kbit/s together. */
export async function encode(file: string): Promise<Recording> {
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25', '-f', 'lavfi', '-i', 'sine=frequency=440'];
  const rate = [
    '-b:v',
    '536k',
    '-minrate',
    '536k',
    '-maxrate',
    '536k',
    '-bufsize',
    '536k',
    '-x264-params',
    'nal-hrd=cbr',
  ];
  const codec = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-pix_fmt',
    'yuv420p',
    '-g',
    '50',
    '-sc_threshold',
    '0',
    '-bf',
    '0',
  ];
  const sound = ['-c:a', 'aac', '-b:a', '64k', '-t', '20', '-f', 'flv', file];
  await promisify(execFile)(ffmpegPath, ['-nostdin', '-loglevel', 'error', ...source, ...codec, ...rate, ...sound]);
  return readFlvTags(await readFile(file));
}
