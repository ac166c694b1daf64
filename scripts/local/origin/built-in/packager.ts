import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import Flv from 'node-media-server/src/protocol/flv.js';
import type { SegmentCutter } from './segment-cutter';

/** ffmpeg has only to write what it holds; one that hangs is killed. */
const GRACE_MS = 3000;

/** FLV in, MPEG-TS out, nothing decoded. Half a second is enough to see both tracks; the frame rate is not asked for. */
const ARGUMENTS = [
  ...['-nostdin', '-loglevel', 'error', '-fpsprobesize', '0', '-analyzeduration', '500000', '-f', 'flv', '-i', 'pipe:0'],
  ...['-map', '0:v:0?', '-map', '0:a:0?', '-c', 'copy', '-copyts', '-f', 'mpegts', '-muxdelay', '0', '-muxpreload', '0'],
  ...['-pes_payload_size', '0', '-flush_packets', '1', 'pipe:1'],
];

/**
 * One publisher's HLS: ffmpeg between two pipes, cut by our own rule, so that segments begin and end where SRS's would. It reads
 * from a pipe, so it ends with whoever feeds it, however that ends.
 */
export class Packager {
  /** Resolves when ffmpeg is gone and the last segment is closed. */
  readonly ended: Promise<void>;
  private readonly ffmpeg: ChildProcessByStdio<Writable, Readable, null>;

  /** `onError`: a segment could not be written; the packager ends. */
  constructor(ffmpegPath: string, cutter: SegmentCutter, onError: (error: unknown) => void) {
    const fail = (error: unknown): void => {
      this.ffmpeg.kill('SIGKILL');
      onError(error);
    };
    this.ffmpeg = spawn(ffmpegPath, ARGUMENTS, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.ffmpeg.stdout.on('data', (bytes: Buffer) => attempt(() => cutter.push(bytes), fail));
    this.ffmpeg.stdin.on('error', () => undefined); // a broken pipe: `close` follows
    this.ended = new Promise((resolve) => {
      this.ffmpeg.once('error', (error) => {
        onError(error);
        resolve();
      });
      this.ffmpeg.once('close', () => {
        attempt(() => cutter.end(), onError);
        resolve();
      });
    });
    this.ffmpeg.stdin.write(Flv.createHeader(true, true));
  }

  /** One FLV tag; false if the feeder should wait for `drained`. */
  feed(tag: Buffer): boolean {
    return this.ffmpeg.stdin.writable ? this.ffmpeg.stdin.write(tag) : true;
  }

  drained(go: () => void): void {
    this.ffmpeg.stdin.once('drain', go);
  }

  /** Ends the stream; resolves when its last segment is closed. */
  async finish(): Promise<void> {
    this.ffmpeg.stdin.end();
    const killer = setTimeout(() => this.ffmpeg.kill('SIGKILL'), GRACE_MS);
    await this.ended;
    clearTimeout(killer);
  }
}

function attempt(run: () => void, onError: (error: unknown) => void): void {
  try {
    run();
  } catch (error) {
    onError(error);
  }
}
