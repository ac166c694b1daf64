import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';
import { boxAt } from '../../../../functions/core/packaging/boxes';
import { localPackaging } from '../../../../scripts/local/packaging';
import { diskPackagingJobs } from '../../../../srs-image/agent/packaging/disk-jobs';
import type { PackagedTracks, PackagingJobs, PictureSetup } from '../../../../srs-image/agent/packaging/ports';
import { editStartOf, samplesOf } from '../../../support/fragment-samples';

let root: string;
let jobs: PackagingJobs;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'remux-'));
  const found = await localPackaging(process.cwd());
  if (found === undefined) throw new Error('shaka-packager is not installed: npm ci');
  jobs = diskPackagingJobs(found, join(root, 'jobs'));
});
afterAll(() => rmSync(root, { recursive: true }));

const run = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...args], { maxBuffer: 1 << 24 })).stdout;

/** A source as an encoder sends it: by RTMP, so that times are whole milliseconds, then cut at keyframes as SRS does. */
interface Source {
  picture?: { rate: string; gop: number; coded?: string[]; filter?: string };
  sound?: { rate: number; layout: string };
  seconds?: number;
}

async function segmentsOf(name: string, { picture, sound, seconds = 8 }: Source): Promise<Uint8Array[]> {
  const folder = join(root, name);
  mkdirSync(folder);
  const layout = sound && `aformat=channel_layouts=${sound.layout}`;
  const inputs = [
    ...(picture ? ['-f', 'lavfi', '-i', `testsrc2=s=160x90:r=${picture.rate}`] : []),
    ...(sound ? ['-f', 'lavfi', '-i', `sine=r=${sound.rate},${layout}`] : []),
  ];
  const coded = picture && ['-g', `${picture.gop}`, '-sc_threshold', '0', ...(picture.coded ?? [])];
  const video = coded ? ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', ...coded] : [];
  const shown = picture?.filter ? ['-vf', picture.filter] : [];
  const flv = join(folder, 'source.flv');
  await run(...inputs, '-t', `${seconds}`, ...video, ...shown, ...(sound ? ['-c:a', 'aac'] : []), flv);
  const whole = ['-copyts', '-i', flv, '-c', 'copy', '-muxdelay', '0', '-muxpreload', '0'];
  await run(...whole, '-f', 'segment', '-segment_time', '1.5', '-segment_format', 'mpegts', join(folder, '%03d.ts'));
  const cut = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  return cut.toSorted().map((file) => new Uint8Array(readFileSync(join(folder, file))));
}

/** The fragments of segments in a row, each made as a session makes them. */
function remuxedInRow(segments: readonly Uint8Array[], source: Source): PackagedTracks[] {
  let before: PictureSetup | undefined;
  return segments.map((segment) => {
    const there = { hasVideo: source.picture !== undefined, hasAudio: source.sound !== undefined };
    const made = jobs.withoutProgram(segment, there, before);
    if (made === undefined) throw new Error('a segment that is not plain');
    before = made.get('source')?.picture ?? before;
    return made;
  });
}

const STEREO = { rate: 48_000, layout: 'stereo' };
const KINDS: [string, Source][] = [
  ['25 pictures a second without B-frames', { picture: { rate: '25', gop: 50, coded: ['-bf', '0'] }, sound: STEREO }],
  ['30 pictures a second, B-frames, keyframes not at whole ms', { picture: { rate: '30', gop: 50 }, sound: STEREO }],
  [
    '29.97 pictures a second and sound of 44.1 kHz',
    {
      picture: { rate: '30000/1001', gop: 60, coded: ['-bf', '3', '-b_strategy', '0'] },
      sound: { rate: 44_100, layout: 'mono' },
    },
  ],
  ['keyframes every 1.7 s', { picture: { rate: '30', gop: 51 }, sound: STEREO }],
  ['keyframes every 4 s', { picture: { rate: '25', gop: 100 }, sound: STEREO, seconds: 12 }],
  ['keyframes every 10 s', { picture: { rate: '25', gop: 250 }, sound: STEREO, seconds: 21 }],
  ['sound of six channels', { picture: { rate: '25', gop: 50 }, sound: { rate: 48_000, layout: '5.1' } }],
  ['sound alone', { sound: STEREO, seconds: 4 }],
  ['picture alone', { picture: { rate: '25', gop: 50 } }],
  ['pixels that are not square', { picture: { rate: '25', gop: 50, filter: 'setsar=16/11' }, sound: STEREO }],
];

/** Sound drifts by less than a millisecond a second: the packager cuts a frame's length off to whole ticks. */
const MAX_SOUND_DRIFT = 0.0005;

describe('fragments made in the agent', () => {
  it.each(KINDS)('have the samples, times and keyframes of the packager: %s', async (name, source) => {
    const segments = await segmentsOf(name.replace(/\W+/g, '-'), source);
    const own = remuxedInRow(segments, source);
    expect(segments.length).toBeGreaterThan(1);
    for (const [index, made] of own.entries()) {
      const there = { hasVideo: source.picture !== undefined, hasAudio: source.sound !== undefined };
      const packaged = await jobs.source(segments[index] ?? new Uint8Array(), there);
      expect([...made.keys()]).toEqual([...packaged.keys()]);
      for (const [rendition, { init, bytes }] of made) {
        const theirs = packaged.get(rendition);
        const [mine, wanted] = [init, theirs?.init ?? init].map(({ track }) => track);
        expect(mine).toEqual(wanted);
        const a = samplesOf(init.bytes, bytes);
        const b = theirs ? samplesOf(theirs.init.bytes, theirs.bytes) : [];
        expect(a.map(({ size, isSync }) => [size, isSync])).toEqual(b.map(({ size, isSync }) => [size, isSync]));
        const far = a.map(({ presentation }, at) => Math.abs(presentation - (b[at]?.presentation ?? 0)));
        const length = (a.at(-1)?.decode ?? 0) - (a[0]?.decode ?? 0);
        expect(Math.max(...far)).toBeLessThanOrEqual(init.track.kind === 'audio' ? length * MAX_SOUND_DRIFT : 0);
      }
    }
  });

  it.each(KINDS)('are one encoding with one init segment from the first to the last: %s', async (name, source) => {
    const own = remuxedInRow(await segmentsOf(`one-${name.replace(/\W+/g, '-')}`, source), source);
    for (const rendition of own[0]?.keys() ?? [])
      expect(new Set(own.map((made) => made.get(rendition)?.init.name)).size).toBe(1);
  });
});

describe('a picture with B-frames made in the agent', () => {
  /** Presentation time, decode time and size of the packets of a file, as ffmpeg's demuxers see them. */
  const packetsOf = async (path: string, map: string) =>
    (await run('-copyts', '-i', path, '-map', map, '-c', 'copy', '-copytb', '1', '-f', 'framecrc', '-'))
      .split('\n')
      .filter((line) => /^\d/.test(line))
      .map((line) => line.split(',').slice(1, 3).map(Number));
  const picturesOf = async (path: string) =>
    (await run('-i', path, '-map', '0:v', '-f', 'framecrc', '-'))
      .split('\n')
      .filter((line) => /^\d/.test(line))
      .map((line) => line.split(',').at(-1));

  it('is demuxed and decoded by ffmpeg as the transport stream is', async () => {
    const source: Source = { picture: { rate: '30', gop: 50 }, sound: STEREO };
    const segments = await segmentsOf('demuxed', source);
    const own = remuxedInRow(segments, source);
    const ts = join(root, 'whole.ts');
    const mp4 = join(root, 'whole.mp4');
    writeFileSync(ts, Buffer.concat(segments));
    const video = own.flatMap((made) => made.get('source') ?? []);
    writeFileSync(
      mp4,
      Buffer.concat([video[0]?.init.bytes ?? [], ...video.map(({ bytes }) => bytes)].map(Buffer.from)),
    );
    expect(video[0] && editStartOf(video[0].init.bytes)).toBeGreaterThan(0);
    expect(await packetsOf(mp4, '0:v')).toEqual(await packetsOf(ts, '0:v'));
    expect(await picturesOf(mp4)).toEqual(await picturesOf(ts));
  });

  it('goes on with the same configuration through segments without a keyframe of its own (open GOP)', async () => {
    const source: Source = { picture: { rate: '25', gop: 50, coded: ['-x264opts', 'open-gop=1'] }, sound: STEREO };
    const own = remuxedInRow(await segmentsOf('open', source), source);
    expect(own.length).toBeGreaterThan(2);
    expect(new Set(own.map((made) => made.get('source')?.init.name)).size).toBe(1);
    const times = own.flatMap((made) => made.get('source')?.times ?? []);
    for (const [index, { decodeTime, duration }] of times.slice(0, -1).entries())
      expect(times[index + 1]?.decodeTime).toBe(decodeTime + duration);
  });

  it('goes on over the end of the 33 bits of the clock', async () => {
    const source: Source = { picture: { rate: '25', gop: 50 }, sound: STEREO };
    await segmentsOf('wrap', source);
    const late = join(root, 'wrap.ts');
    const copied = ['-c', 'copy', '-muxdelay', '0', '-muxpreload', '0'];
    await run('-copyts', '-i', join(root, 'wrap', 'source.flv'), ...copied, '-output_ts_offset', '95440', late);
    const [made] = remuxedInRow([new Uint8Array(readFileSync(late))], source);
    for (const { init, bytes, times } of made?.values() ?? []) {
      expect(times.duration / times.samples).toBeLessThan(3700);
      expect(samplesOf(init.bytes, bytes).at(-1)?.presentation).toBeGreaterThan(2 ** 33);
    }
  });

  it('says the shape of its pixels as the packager does', async () => {
    const source: Source = { picture: { rate: '25', gop: 50, filter: 'setsar=16/11' } };
    const [segment = new Uint8Array()] = await segmentsOf('shape', source);
    const there = { hasVideo: true, hasAudio: false };
    const shapes = [jobs.withoutProgram(segment, there), await jobs.source(segment, there)].map((made) => {
      const init = made?.get('source')?.init.bytes ?? new Uint8Array();
      const tkhd = boxAt(init, ['moov', 'trak', 'tkhd']);
      const pasp = Buffer.from(init).indexOf('pasp');
      return [tkhd && [...init.subarray(tkhd.end - 8, tkhd.end - 6)], [...init.subarray(pasp, pasp + 12)]];
    });
    expect(shapes[0]).toEqual(shapes[1]);
  });
});
