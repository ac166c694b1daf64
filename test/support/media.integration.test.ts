import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { FLASH_AND_BEEP } from './platform/encoder';
import { apart, decode, flashesAndBeeps } from './platform/media';

/** The measures that other tests trust, on media that is wrong on purpose. */
describe('picture and sound, each by its own measure', () => {
  const folder = mkdtempSync(join(tmpdir(), 'srs-live-media-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const SECONDS = 4;
  const moving = 'testsrc2=size=320x180:rate=25';
  const tone = 'sine=frequency=440:sample_rate=44100';

  function made(name: string, picture: string, sound: string): string {
    const file = join(folder, `${name}.ts`);
    const source = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', sound, '-t', String(SECONDS)];
    const codecs =
      '-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -b:v 300k -g 50 -c:a aac -b:a 64k';
    execFileSync(ffmpegPath, ['-nostdin', '-loglevel', 'error', '-y', ...source, ...codecs.split(' '), file]);
    return file;
  }

  it('are whole where both are', async () => {
    const { frames, audioSeconds, complaints } = await decode(made('good', moving, tone), SECONDS);
    expect(frames).toBeGreaterThan(SECONDS * 24);
    expect(audioSeconds).toBeGreaterThan(SECONDS - 0.2);
    expect(complaints).toBe('');
  });

  it('are no sound where the stream is silent, though it has a track of it', async () => {
    expect((await decode(made('silent', moving, 'anullsrc=r=44100'), SECONDS)).audioSeconds).toBeLessThan(0.1);
  });

  it('are half the sound where it falls silent half-way', async () => {
    const { audioSeconds } = await decode(made('half', moving, `${tone},volume='lt(t,2)':eval=frame`), SECONDS);
    expect(Math.abs(audioSeconds - 2)).toBeLessThan(0.3);
  });

  it('are one frame where the picture stands', async () => {
    expect((await decode(made('frozen', 'color=red:size=320x180:rate=25', tone), SECONDS)).frames).toBeLessThanOrEqual(
      2,
    );
  });

  it('are together where flash and beep are', async () => {
    const { picture, sound } = FLASH_AND_BEEP;
    expect(apart(await flashesAndBeeps(made('together', picture, sound), SECONDS))).toBeLessThan(0.05);
  });

  it('are 0.3 s apart where the beep comes 0.3 s late', async () => {
    const late = FLASH_AND_BEEP.sound.replace('lt(mod(t\\,1)\\,0.1)', 'between(mod(t\\,1)\\,0.3\\,0.4)');
    expect(late).not.toBe(FLASH_AND_BEEP.sound);
    expect(apart(await flashesAndBeeps(made('late', FLASH_AND_BEEP.picture, late), SECONDS))).toBeCloseTo(0.3, 1);
  });

  it('cannot be compared where nothing beeps', async () => {
    const silent = await flashesAndBeeps(made('mute', FLASH_AND_BEEP.picture, 'anullsrc=r=44100'), SECONDS);
    expect(() => apart({ ...silent, beeps: [] })).toThrow('0 beeps');
  });
});
