import { setTimeout as sleep } from 'node:timers/promises';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { Child } from '../../local/process/child-process';

export interface EncoderSettings {
  /** `rtmp://host:port/live/<key>` */
  readonly url: string;
  /** True: connects again a second after it was cut off, as OBS can. @default true */
  readonly reconnects?: boolean;
  /** Filters of ffmpeg on the time stamps of picture and sound. @default none */
  readonly clock?: { readonly picture: string; readonly sound: string };
}

const RECONNECT_MS = 1000;
const PICTURE = 'testsrc2=size=320x180:rate=25';
const SOUND = 'sine=frequency=440:sample_rate=44100';

/** An encoder of a small moving picture and a tone in real time, a keyframe every two seconds. */
export class Encoder {
  private child: Child | undefined;
  private wanted = true;
  private readonly running: Promise<void>;

  constructor(private readonly options: EncoderSettings) {
    this.running = this.run();
  }

  /** Stops like an encoder's button, or like a cut cable. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.wanted = false;
    await this.child?.end(signal, 2000);
    await this.running;
  }

  /** Kills the process as a crash does; it starts again if it reconnects at all. */
  async crash(): Promise<void> {
    await this.child?.end('SIGKILL');
  }

  /** Stays away once it is cut off. */
  giveUp(): void {
    this.wanted = false;
  }

  private async run(): Promise<void> {
    do {
      const args = argumentsOf(this.options);
      this.child = new Child({ name: 'encoder', command: ffmpegPath, args, env: {}, output: () => undefined });
      await this.child.exited;
      if (this.wanted && this.options.reconnects !== false) await sleep(RECONNECT_MS);
    } while (this.wanted && this.options.reconnects !== false);
  }
}

function argumentsOf({ url, clock }: EncoderSettings): string[] {
  const filters = clock === undefined ? [] : ['-vf', clock.picture, '-af', clock.sound, '-vsync', 'passthrough'];
  return [
    ...['-nostdin', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', PICTURE, '-re', '-f', 'lavfi', '-i', SOUND],
    ...[...filters, '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
    ...['-g', '50', '-keyint_min', '50', '-sc_threshold', '0', '-bf', '0', '-b:v', '300k', '-threads', '1'],
    ...['-c:a', 'aac', '-b:a', '64k', '-t', '900', '-f', 'flv', url],
  ];
}
