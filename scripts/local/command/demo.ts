import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { systemClock } from '../../../functions/adapters/system';
import { pollUntil } from '../../../functions/app/poll-until';
import { StreamWithKey } from '../../../functions/contract/api/streams';
import type { Log } from '../../../functions/ports/stores';
import { StartError } from '../../emulators/server/start-error';
import { Child, type LineSink } from '../process/child-process';
import { PATTERN, testPattern } from './test-pattern';

const DemoStream = StreamWithKey.pick({ id: true, ingest: true, playback: true });
export type DemoStream = z.infer<typeof DemoStream>;

/** Makes a stream by the public API, as a customer does. */
export async function createStream(api: URL, adminKey: string, title: string): Promise<DemoStream> {
  const response = await fetch(new URL('/api/v1/streams', api), {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title }),
  });
  const text = await response.text();
  if (response.status !== 201)
    throw new StartError(`the demo stream was not created: ${response.status} ${text.slice(0, 200)}`);
  return DemoStream.parse(JSON.parse(text));
}

const KEY_FRAME_INTERVAL = String(PATTERN.framesPerSecond * PATTERN.keyFrameSeconds);

/**
 * Returns the arguments of ffmpeg that publish the test pattern with a tone: H.264 without B-frames, closed groups of
 * two seconds, AAC.
 */
export const publishArguments = (url: string): string[] => [
  ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
  ...['-f', 'lavfi', '-i', testPattern(), '-f', 'lavfi', '-i', 'sine=frequency=440:beep_factor=4:sample_rate=48000'],
  ...[
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-profile:v',
    'baseline',
    '-pix_fmt',
    'yuv420p',
    '-bf',
    '0',
  ],
  ...['-g', KEY_FRAME_INTERVAL, '-keyint_min', KEY_FRAME_INTERVAL, '-sc_threshold', '0'],
  ...['-b:v', '600k', '-maxrate', '800k', '-bufsize', '800k', '-threads', '1'],
  ...['-c:a', 'aac', '-b:a', '64k', '-ac', '2', '-f', 'flv', url],
];

/** An encoder that publishes the test pattern until it is stopped, and again whenever it is cut off. */
export class DemoPublisher {
  private child: Child | undefined;
  private wanted = true;
  private readonly running: Promise<void>;

  constructor(private readonly options: { ffmpegPath: string; stream: DemoStream; output: LineSink; log: Log }) {
    this.running = this.run();
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async stop(): Promise<void> {
    this.wanted = false;
    await this.child?.end('SIGTERM', 2000);
    await this.running;
  }

  private async run(): Promise<void> {
    const { ffmpegPath, stream, output, log } = this.options;
    const { server, streamKey } = stream.ingest.rtmp;
    while (this.wanted) {
      const args = publishArguments(`${server}/${streamKey}`);
      this.child = new Child({ name: 'demo', command: ffmpegPath, args, env: {}, output });
      const reason = await this.child.exited;
      if (!this.wanted) return;
      log.warn('demo_publisher_ended', { reason });
      await sleep(1000);
    }
  }
}

/** Waits until the playlist that a viewer opens lists a media playlist with a segment. */
export async function untilItPlays(hls: string, timeoutMs: number): Promise<void> {
  if (!(await pollUntil({ clock: systemClock, everyMs: 200, limitMs: timeoutMs }, () => plays(hls))))
    throw new StartError(`the demo stream does not play within ${timeoutMs / 1000} s: ${hls}`);
}

async function plays(hls: string): Promise<boolean> {
  const variant = await firstUri(hls);
  return variant !== undefined && (await firstUri(variant)) !== undefined;
}

/** Returns the first URI of a playlist, absolute; `undefined` while there is none. */
export async function firstUri(url: string): Promise<string | undefined> {
  const response = await fetch(url);
  const text = await response.text();
  const uri = text.split(/\r?\n/).find((line) => line !== '' && !line.startsWith('#'));
  return response.ok && uri !== undefined ? new URL(uri, url).href : undefined;
}
