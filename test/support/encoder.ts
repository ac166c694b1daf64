import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';

export interface Encoder {
  /** Resolves with ffmpeg's exit code once it ended, by itself or not. */
  readonly exited: Promise<number | null>;
  readonly stderr: () => string;
  /** `SIGTERM`: says goodbye to the server as an encoder's stop button does; `SIGKILL`: a cut cable. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  /** Keeps the connection and sends nothing any more, until it is killed. */
  freeze(): void;
}

/** Publishes a small test pattern with tone, in real time: 2 s between keyframes, no B-frames. */
export function publish(url: string, options: { seconds?: number; gopSeconds?: number } = {}): Encoder {
  const { seconds = 600, gopSeconds = 2 } = options;
  const source = [
    '-re',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=320x180:rate=25',
    '-f',
    'lavfi',
    '-i',
    'sine=frequency=440:sample_rate=44100',
  ];
  const gop = String(gopSeconds * 25);
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-b:v', '300k'];
  const keyframes = ['-g', gop, '-keyint_min', gop, '-sc_threshold', '0', '-bf', '0'];
  const target = ['-c:a', 'aac', '-b:a', '64k', '-t', String(seconds), '-f', 'flv', url];
  const child = spawn(ffmpegPath, ['-nostdin', '-loglevel', 'error', ...source, ...video, ...keyframes, ...target], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
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
