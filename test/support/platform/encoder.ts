import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { publishArguments } from '../../../scripts/local/command/demo';

export interface Encoder {
  /** Resolves with ffmpeg's exit code once it ended, by itself or not. */
  readonly exited: Promise<number | null>;
  readonly stderr: () => string;
  /** `SIGTERM`: says goodbye to the server as an encoder's stop button does; `SIGKILL`: a cut cable. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  /** Keeps the connection and sends nothing any more, until it is killed. */
  freeze(): void;
}

/** A moving picture, and a tone. */
const MOVING = { picture: 'testsrc2=size=320x180:rate=25', sound: 'sine=frequency=440:sample_rate=44100' } as const;

/** Black and silent, but for a tenth of each second, in which the picture is white and a tone sounds. */
export const FLASH_AND_BEEP = {
  picture: "color=black:size=320x180:rate=25,drawbox=color=white:t=fill:enable='lt(mod(t,1),0.1)'",
  sound: 'aevalsrc=0.5*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.1):s=44100',
} as const;

export interface EncoderOptions {
  readonly seconds?: number;
  readonly gopSeconds?: number;
  /** As ffmpeg has it; larger than the picture needs, it is filled up. @default 300k */
  readonly bitrate?: string;
  /** Filters of ffmpeg that make picture and sound. */
  readonly source?: { readonly picture: string; readonly sound: string };
}

/** Publishes a small test pattern with tone, in real time: 2 s between keyframes, no B-frames. */
export function publish(url: string, options: EncoderOptions = {}): Encoder {
  return encode(['-f', 'flv', url], options);
}

/** The same pictures to several servers, in this order; one that fails does not end the others. */
export function publishToAll(urls: readonly string[], options: EncoderOptions = {}): Encoder {
  const outputs = urls.map((url) => `[f=flv:onfail=ignore]${url}`);
  return encode(['-flags', '+global_header', '-map', '0:v', '-map', '1:a', '-f', 'tee', outputs.join('|')], options);
}

function encode(output: readonly string[], options: EncoderOptions): Encoder {
  const { seconds = 600, gopSeconds = 2, source: made = MOVING, bitrate } = options;
  const source = ['-re', '-f', 'lavfi', '-i', made.picture, '-f', 'lavfi', '-i', made.sound];
  const gop = String(gopSeconds * 25);
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-pix_fmt',
    'yuv420p',
    ...rateOf(bitrate),
  ];
  const keyframes = ['-g', gop, '-keyint_min', gop, '-sc_threshold', '0', '-bf', '0'];
  const target = ['-c:a', 'aac', '-b:a', '64k', '-t', String(seconds), ...output];
  return run(['-nostdin', '-loglevel', 'error', ...source, ...video, ...keyframes, ...target]);
}

/** Publishes the picture with the clock in it, whose frames say when they were made. */
export const publishPattern = (url: string): Encoder => run(publishArguments(url));

/** Constant, where one is given: H.264's filler data (7.3.2.7) makes it up. */
const rateOf = (bitrate?: string): string[] =>
  bitrate === undefined
    ? ['-b:v', '300k']
    : ['-b:v', bitrate, '-minrate', bitrate, '-maxrate', bitrate, '-bufsize', bitrate, '-x264-params', 'nal-hrd=cbr'];

function run(args: readonly string[]): Encoder {
  const child = spawn(ffmpegPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = once(child, 'close').then(() => child.exitCode);
  return {
    exited,
    stderr: () => stderr,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
    freeze: () => void child.kill('SIGSTOP'),
  };
}
