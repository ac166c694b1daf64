import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';
import { type Cut, Cutter } from '../../../../functions/core/low-latency/cutter';
import { FlvReader, mediaOf } from '../../../../functions/core/low-latency/flv';
import { sizeOf } from '../../../../srs-image/agent/inspect/h264';

const folder = mkdtempSync(join(tmpdir(), 'srs-live-low-latency-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Twelve seconds of a test picture with B-frames at 25 frames a second, and a tone, as an encoder sends them. */
function recorded(): Buffer {
  const source = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=320x180:rate=25',
    '-f',
    'lavfi',
    '-i',
    'sine=frequency=440:sample_rate=48000',
    '-t',
    '12',
  ];
  const coding = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-bf',
    '2',
    '-g',
    '50',
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
  ];
  return execFileSync(ffmpeg, ['-v', 'error', ...source, ...coding, '-f', 'flv', '-'], { maxBuffer: 64 << 20 });
}
/** The first parameter set of an avcC record. */
const pictureSize = (avcC: Uint8Array) => sizeOf(avcC.subarray(8, 8 + ((avcC[6] ?? 0) << 8) + (avcC[7] ?? 0)));

function cut(flv: Buffer): Cut[] {
  const reader = new FlvReader();
  const cutter = new Cutter({ hasAudio: true, sizeOf: pictureSize });
  const cuts: Cut[] = [];
  // Pieces of a network, not of the format.
  for (let at = 0; at < flv.length; at += 1499)
    for (const tag of reader.push(flv.subarray(at, at + 1499))) {
      const media = mediaOf(tag);
      if (media !== undefined) cuts.push(...cutter.push(media, tag.timeMs));
    }
  return [...cuts, ...cutter.end()];
}

describe('parts of real media', () => {
  const cuts = cut(recorded());
  const init = cuts.flatMap((one) => (one.kind === 'init' ? [one.bytes] : []));
  const parts = cuts.flatMap((one) => (one.kind === 'part' ? [one.part] : []));

  it('come one init segment and about two a second', () => {
    expect(init).toHaveLength(1);
    expect(parts.length).toBeGreaterThanOrEqual(23);
    expect(cuts.filter(({ kind }) => kind === 'segment')).toHaveLength(6);
  });

  it('decode one after the other without a complaint, every picture and all the sound', () => {
    const file = join(folder, 'all.mp4');
    writeFileSync(file, Buffer.concat([...init, ...parts.map(({ bytes }) => bytes)]));
    const said = execFileSync(ffmpeg, ['-v', 'error', '-i', file, '-map', '0:v', '-f', 'framemd5', '-'], {
      encoding: 'utf8',
    });
    expect(said.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toHaveLength(300);
    const sound = execFileSync(ffmpeg, ['-v', 'error', '-i', file, '-map', '0:a', '-f', 's16le', '-ac', '1', '-'], {
      maxBuffer: 16 << 20,
    });
    expect(sound.length / 2 / 48_000).toBeCloseTo(12, 0);
  });
});
