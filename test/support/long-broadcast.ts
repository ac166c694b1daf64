import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import type { Page } from 'playwright-core';

/** The clock in the picture: tenths of a second of the media, most significant bit first, white is 1. */
const CLOCK = { bits: 12, size: 40, top: 280, width: 480, height: 360 } as const;
const SEGMENT_SECONDS = 2;
const FRAMES = 10;

/**
 * The picture with its clock, and a tone, at a bit rate that does not vary: what a slow network is measured against.
 */
function mediaArguments(
  folder: string,
  { seconds, startAt, name }: { seconds: number; startAt: number; name: string },
) {
  const { bits, size, top, width, height } = CLOCK;
  const blocks = Array.from({ length: bits }, (_, bit) => {
    const enable = `mod(floor(t*10/${2 ** (bits - 1 - bit)}+0.001),2)`;
    return `drawbox=x=${bit * size}:y=${top}:w=${size}:h=${size}:color=white:t=fill:enable='${enable}'`;
  });
  const dark = `drawbox=x=0:y=${top}:w=${width}:h=${size}:color=black:t=fill`;
  const picture = [`testsrc2=size=${width}x${height}:rate=${FRAMES}`, dark, ...blocks].join(',');
  const video =
    '-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -b:v 700k -minrate 700k -maxrate 700k';
  const rest = `-bufsize 700k -x264opts nal-hrd=cbr -g ${FRAMES * SEGMENT_SECONDS} -sc_threshold 0 -bf 0 -c:a aac -b:a 96k`;
  const target = `-output_ts_offset ${startAt} -f segment -segment_time ${SEGMENT_SECONDS} -segment_format mpegts`;
  return [
    ...['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', 'sine=frequency=440'],
    ...['-t', String(seconds), ...video.split(' '), ...rest.split(' '), ...target.split(' ')],
    join(folder, `${name}%d.ts`),
  ];
}

/** Faults that viewers get from now on. */
export interface Faults {
  /** Nothing new comes. */
  frozen: boolean;
  /** Segments hold no media. */
  garbage: boolean;
  /** The encoder's clock leaps by an hour, and nothing says so. */
  leaps: boolean;
}

/**
 * A broadcast that has been on air for `historySeconds` when it begins, with a window of as many: made beforehand,
 * listed by the wall clock. `answer` serves it as the public host does.
 */
export class LongBroadcast {
  readonly faults: Faults = { frozen: false, garbage: false, leaps: false };
  private readonly folder = mkdtempSync(join(tmpdir(), 'srs-live-broadcast-'));
  private begunAt = 0;
  private count = 0;
  private frozenAt: number | undefined;
  private leapsFrom: number | undefined;

  constructor(
    private readonly streamId: string,
    private readonly historySeconds = 120,
  ) {}

  async make(seconds: number): Promise<void> {
    const run = promisify(execFile);
    await run(ffmpegPath, mediaArguments(this.folder, { seconds, startAt: 10, name: 'a' }));
    await run(ffmpegPath, mediaArguments(this.folder, { seconds, startAt: 3610, name: 'b' }));
    this.count = readdirSync(this.folder).filter((name) => name.startsWith('a')).length;
    this.begin();
  }

  /** Starts again, as if nothing of it had been seen. */
  begin(): void {
    this.begunAt = Date.now() - this.historySeconds * 1000;
    Object.assign(this.faults, { frozen: false, garbage: false, leaps: false });
    this.frozenAt = undefined;
    this.leapsFrom = undefined;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  answer(pathname: string, response: ServerResponse): boolean {
    const [, file] = new RegExp(`^/open/[ps]/${this.streamId}/(.+)$`).exec(pathname) ?? [];
    if (file === undefined) return false;
    const headers = { 'cache-control': 'no-store' };
    if (file.endsWith('.m3u8')) {
      const text = file === 'index.m3u8' ? this.index() : this.playlist();
      response.writeHead(200, { ...headers, 'content-type': 'application/vnd.apple.mpegurl' }).end(text);
    } else {
      const media = this.faults.garbage ? Buffer.alloc(200_000, 0x47) : readFileSync(join(this.folder, file));
      response.writeHead(200, { ...headers, 'content-type': 'video/mp2t' }).end(media);
    }
    return true;
  }

  private index(): string {
    const codecs = 'avc1.42c015,mp4a.40.2';
    return `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=850000,CODECS="${codecs}"\n/open/p/${this.streamId}/b1-aaaaaaaa/source.m3u8\n`;
  }

  /** Segments that are whole by now. */
  private newest(): number {
    if (this.faults.frozen) this.frozenAt ??= Date.now();
    const now = this.frozenAt ?? Date.now();
    return Math.min(this.count, Math.floor((now - this.begunAt) / (SEGMENT_SECONDS * 1000)));
  }

  private playlist(): string {
    const newest = this.newest();
    if (this.faults.leaps) this.leapsFrom ??= newest;
    const first = Math.max(0, newest - this.historySeconds / SEGMENT_SECONDS);
    const dated = new Date(this.begunAt + first * SEGMENT_SECONDS * 1000).toISOString();
    const lines = Array.from({ length: newest - first }, (_, index) => {
      const number = first + index;
      const set = this.leapsFrom !== undefined && number >= this.leapsFrom ? 'b' : 'a';
      return `#EXTINF:${SEGMENT_SECONDS}.000,\n/open/s/${this.streamId}/${set}${number}.ts`;
    });
    const head = `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${first}`;
    return `${head}\n#EXT-X-PROGRAM-DATE-TIME:${dated}\n${lines.join('\n')}\n`;
  }
}

/** Returns the time that the picture itself shows, in seconds of the media; not what the player believes. */
export const pictureClock = (page: Page): Promise<number> =>
  page.evaluate(({ bits, size, top, width, height }) => {
    const video = document.querySelector('video');
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (video === null || context === null) throw new Error('no video');
    context.drawImage(video, 0, 0, width, height);
    const bright = (bit: number) => (context.getImageData((bit + 0.5) * size, top + size / 2, 1, 1).data[0] ?? 0) > 127;
    return Array.from({ length: bits }, (_, bit) => bright(bit)).reduce((sum, on) => sum * 2 + (on ? 1 : 0), 0) / 10;
  }, CLOCK);
