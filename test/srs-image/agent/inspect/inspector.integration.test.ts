import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import type { MediaReport } from '../../../../functions/contract/media-report';
import { warningsOf } from '../../../../functions/core/publish/media-warnings';
import { Inspector } from '../../../../srs-image/agent/inspect/inspector';

const VIDEO = ['-f', 'lavfi', '-i', 'testsrc2=size=318x182:rate=25'];
const SOUND = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-sc_threshold', '0'];
const AAC = ['-c:a', 'aac', '-ac', '2'];

describe('a publisher, by the first segments of an encoder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'inspector-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Segments of 2 s, as far as keyframes allow it. */
  async function inspect(...args: string[]): Promise<MediaReport | undefined> {
    const hls = [
      '-t',
      '12',
      '-f',
      'hls',
      '-hls_time',
      '2',
      '-hls_list_size',
      '0',
      '-hls_segment_filename',
      join(folder, '%02d.ts'),
    ];
    await promisify(execFile)(ffmpegPath, [
      '-nostdin',
      '-loglevel',
      'error',
      ...args,
      ...hls,
      join(folder, 'live.m3u8'),
    ]);
    const inspector = new Inspector(2);
    for (const name of readdirSync(folder)
      .filter((each) => each.endsWith('.ts'))
      .sort())
      inspector.take(readFileSync(join(folder, name)));
    return inspector.report;
  }
  const codes = (report: MediaReport | undefined) =>
    report === undefined ? [] : warningsOf({ media: report }).map(({ code }) => code);

  it('that is set up well', async () => {
    const report = await inspect(...VIDEO, ...SOUND, ...H264, '-g', '50', '-bf', '0', ...AAC);
    expect(report).toEqual({
      video: { codec: 'H264', width: 318, height: 182, framesPerSecond: 25, bFrames: false, keyframeSeconds: 2 },
      audio: { codec: 'AAC', samplesPerSecond: 48_000, channels: 2 },
      segmentSeconds: 2,
    });
    expect(codes(report)).toEqual([]);
  });

  it('with a long keyframe interval, B-frames and no sound', async () => {
    const report = await inspect(
      ...VIDEO,
      ...H264,
      '-profile:v',
      'high',
      '-g',
      '125',
      '-bf',
      '2',
      '-x264-params',
      'b-adapt=0',
    );
    expect(report?.video).toMatchObject({ width: 318, height: 182, bFrames: true, keyframeSeconds: 5 });
    expect(codes(report)).toEqual(['keyframe_interval', 'b_frames', 'no_audio']);
  });

  it('that sends sound only', async () => {
    const report = await inspect(...SOUND, ...AAC);
    expect(report).toEqual({ audio: { codec: 'AAC', samplesPerSecond: 48_000, channels: 2 }, segmentSeconds: 2 });
    expect(codes(report)).toEqual([]);
  });

  it('interlaced, in the high profile', async () => {
    const source = ['-f', 'lavfi', '-i', 'color=size=64x1080:rate=30'];
    const report = await inspect(
      ...source,
      ...H264,
      '-profile:v',
      'high',
      '-g',
      '60',
      '-bf',
      '0',
      '-flags',
      '+ilme+ildct',
    );
    expect(report?.video).toMatchObject({ width: 64, height: 1080, framesPerSecond: 30, keyframeSeconds: 2 });
  });
});
