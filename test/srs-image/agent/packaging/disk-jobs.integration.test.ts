import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { path as npmFfmpeg } from '@ffmpeg-installer/ffmpeg';
import { localPackaging } from '../../../../scripts/local/packaging';
import { diskPackagingJobs } from '../../../../srs-image/agent/packaging/disk-jobs';
import { ProgramError } from '../../../../srs-image/agent/packaging/run-program';

let root: string;
let segment: Uint8Array;
const THERE = { hasVideo: true, hasAudio: true };
const RUNG = { name: '90p', width: 160, height: 90, bitsPerSecond: 150_000 };

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'jobs-'));
  const path = join(root, 'segment.ts');
  const source = ['-f', 'lavfi', '-i', 'testsrc=s=320x180:r=25', '-f', 'lavfi', '-i', 'sine=r=48000', '-t', '2'];
  const coded = [
    '-c:v',
    'libx264',
    '-pix_fmt',
    'yuv420p',
    '-g',
    '50',
    '-bf',
    '0',
    '-c:a',
    'aac',
    '-output_ts_offset',
    '100',
  ];
  await promisify(execFile)(npmFfmpeg, ['-nostdin', '-v', 'error', ...source, ...coded, path]);
  segment = new Uint8Array(readFileSync(path));
});
afterAll(() => rmSync(root, { recursive: true }));

const jobsIn = async (folder: string, programs: { packager?: string; ffmpeg?: string } = {}) => {
  const found = await localPackaging(process.cwd());
  if (found === undefined) throw new Error('shaka-packager is not installed: npm ci');
  return { jobs: diskPackagingJobs({ ...found, ...programs }, folder), found };
};

describe('packaging jobs on this machine', () => {
  it('make one fragment a rendition, of equal init segments in every call, and leave nothing behind', async () => {
    const folder = join(root, 'source');
    const { jobs } = await jobsIn(folder);
    const once = await jobs.source(segment, THERE);
    const again = await jobs.source(segment, THERE);
    expect([...once.keys()]).toEqual(['source', 'audio']);
    expect(once.get('source')?.times).toMatchObject({ duration: 180_000, samples: 50 });
    expect(once.get('source')?.init.track).toMatchObject({ kind: 'video', width: 320, height: 180 });
    expect([...again].map(([, { init }]) => init.name)).toEqual([...once].map(([, { init }]) => init.name));
    expect([...again].map(([, { bytes }]) => Buffer.from(bytes))).toEqual(
      [...once].map(([, { bytes }]) => Buffer.from(bytes)),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('make the same times, samples and codecs without a program as the packager does', async () => {
    const { jobs } = await jobsIn(join(root, 'remux'));
    const packaged = await jobs.source(segment, THERE);
    const own = jobs.withoutProgram(segment, THERE);
    expect([...(own?.keys() ?? [])]).toEqual([...packaged.keys()]);
    for (const [name, { times, init }] of packaged) {
      const mine = own?.get(name);
      expect(mine?.times.samples).toBe(times.samples);
      expect(Math.abs((mine?.times.decodeTime ?? 0) - times.decodeTime)).toBeLessThanOrEqual(90);
      expect(Math.abs((mine?.times.duration ?? 0) - times.duration)).toBeLessThanOrEqual(90);
      expect(mine?.init.track).toEqual(init.track);
    }
  });

  it('make nothing without a program of media that is no plain H.264 and AAC', async () => {
    const { jobs } = await jobsIn(join(root, 'plain'));
    expect(jobs.withoutProgram(new Uint8Array(188 * 100).fill(0x47), THERE)).toBeUndefined();
    expect(jobs.withoutProgram(segment.subarray(0, 188 * 3), THERE)).toBeUndefined();
  });

  it.each([
    ['cbcs', { iv: '0f'.repeat(16) }],
    ['cenc', {}],
  ] as const)(
    'encrypt with %s so that an independent reader with the key has every frame, and leave no key behind',
    async (scheme, vector) => {
      const folder = join(root, scheme);
      const { jobs, found } = await jobsIn(folder);
      const key = { scheme, kid: '00000001'.repeat(4), key: 'a1b2c3d4'.repeat(4), ...vector };
      const once = await jobs.source(segment, THERE, key);
      const again = await jobs.source(segment, THERE, key);
      expect([...again].map(([, { init }]) => init.name)).toEqual([...once].map(([, { init }]) => init.name));
      const inClear = await jobs.source(segment, THERE);
      for (const [name, { init, bytes, times }] of once) {
        expect(times).toEqual(inClear.get(name)?.times);
        expect(init.track).toEqual(inClear.get(name)?.init.track);
        expect(Buffer.from(init.bytes).includes(Buffer.from(key.kid, 'hex'))).toBe(true);
        const path = join(root, `${scheme}-${name}.mp4`);
        writeFileSync(path, Buffer.concat([init.bytes, bytes]));
        const decoded = async (args: string[]) =>
          promisify(execFile)(found.ffmpeg ?? 'ffmpeg', ['-v', 'error', ...args, '-i', path, '-f', 'md5', '-']);
        const clear = join(root, `${scheme}-${name}-clear.mp4`);
        const plain = inClear.get(name);
        writeFileSync(clear, Buffer.concat([plain?.init.bytes ?? Buffer.alloc(0), plain?.bytes ?? Buffer.alloc(0)]));
        const wanted = await promisify(execFile)(found.ffmpeg ?? 'ffmpeg', [
          '-v',
          'error',
          '-i',
          clear,
          '-f',
          'md5',
          '-',
        ]);
        expect(await decoded(['-decryption_key', key.key])).toEqual(wanted);
        expect((await decoded([]).catch(() => ({ stdout: 'no picture' }))).stdout).not.toBe(wanted.stdout);
      }
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('empty their folder at the start of an agent that was killed', async () => {
    const folder = join(root, 'left');
    mkdirSync(join(folder, 'job-old'), { recursive: true });
    writeFileSync(join(folder, 'job-old/source.ts'), 'x');
    await jobsIn(folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('reject for bytes that are no media, and for a program that hangs or is not there', async () => {
    const { jobs } = await jobsIn(join(root, 'bad'));
    await expect(jobs.source(new Uint8Array(188 * 100).fill(0x47), THERE)).rejects.toThrow(ProgramError);
    const missing = await jobsIn(join(root, 'missing'), { packager: join(root, 'nowhere') });
    await expect(missing.jobs.source(segment, THERE)).rejects.toThrow('did not start');
    const hanging = join(root, 'hanging');
    writeFileSync(hanging, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
    const { jobs: hung } = await jobsIn(join(root, 'hung'), { ffmpeg: hanging });
    await expect(hung.rungs(segment, [RUNG], 300)).rejects.toThrow('SIGKILL');
  });

  it('make rungs at the time of their source, as long as it', async () => {
    const { jobs, found } = await jobsIn(join(root, 'rungs'));
    if (found.ffmpeg === undefined) return expect(jobs.makesLadders).toBe(false);
    const source = await jobs.source(segment, THERE);
    const rungs = await jobs.rungs(segment, [RUNG], 20_000);
    expect(rungs.get('90p')?.times).toEqual(source.get('source')?.times);
    expect(rungs.get('90p')?.init.track).toMatchObject({ width: 160, height: 90 });
  });
});
