import { readFileSync } from 'node:fs';
import { boxAt } from '../../../../functions/core/packaging/boxes';
import { initSegment, trackOf } from '../../../../functions/core/packaging/init-segment';

/** Made by Shaka Packager 3.4.2 of a test picture of 64 x 36 at 5 frames a second, and a tone. */
const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(`test/fixtures/packaging/${name}`));

describe('an init segment', () => {
  it('of H.264 says its codec, size and timescale', () => {
    const track = trackOf(fixture('video-0-init.mp4'));
    expect(track).toMatchObject({ kind: 'video', timescale: 90_000, width: 64, height: 36 });
    expect(track?.codecs).toMatch(/^avc1\.64[0-9a-f]{4}$/);
  });

  it('of AAC says its codec, channels and sample rate', () => {
    expect(trackOf(fixture('audio-0-init.mp4'))).toEqual({
      kind: 'audio',
      timescale: 90_000,
      codecs: 'mp4a.40.2',
      channels: 1,
      sampleRate: 44_100,
    });
  });

  it('of HEVC says its codec as ISO/IEC 14496-15 annex E has it', () => {
    expect(trackOf(fixture('hevc-init.mp4'))?.codecs).toMatch(/^hvc1\.1\.6\.L30(\.[0-9A-F]+)*$/);
  });

  it('of an encrypted track says the codec under the encryption', () => {
    expect(trackOf(fixture('cbcs-init.mp4'))?.codecs).toBe(trackOf(fixture('video-0-init.mp4'))?.codecs);
  });

  it('has one name for one encoding, whichever segment it came with', () => {
    const bytes = fixture('video-0-init.mp4');
    const other = bytes.slice();
    const mehd = boxAt(other, ['moov', 'mvex', 'mehd']);
    if (mehd === undefined) throw new Error('the fixture has no mehd');
    other[mehd.end - 1] = (other[mehd.end - 1] ?? 0) ^ 0x55;
    expect(Buffer.from(other).equals(Buffer.from(bytes))).toBe(false);
    expect(initSegment(other)?.name).toBe(initSegment(bytes)?.name);
    expect(initSegment(other)?.bytes).toEqual(initSegment(bytes)?.bytes);
    expect(initSegment(bytes)?.name).toMatch(/^init-[0-9a-f]{16}\.mp4$/);
  });

  it('has another name for another encoding', () => {
    const names = ['video-0', 'audio-0', 'cbcs', 'hevc'].map((name) => initSegment(fixture(`${name}-init.mp4`))?.name);
    expect(new Set(names).size).toBe(4);
  });

  it('leaves the bytes it was given as they are', () => {
    const bytes = fixture('video-0-init.mp4');
    initSegment(bytes);
    expect(bytes).toEqual(fixture('video-0-init.mp4'));
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['a fragment', fixture('video-0.m4s')],
    ['half of one', fixture('video-0-init.mp4').subarray(0, 300)],
    ['a box that says it is larger than the file', new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x6d, 0x6f, 0x6f, 0x76])],
    ['a box of size 3', new Uint8Array([0, 0, 0, 3, 0x6d, 0x6f, 0x6f, 0x76])],
  ])('is not seen in %s', (_, bytes) => {
    expect(initSegment(bytes)).toBeUndefined();
  });

  it('is not seen in any of its own beginnings, and reading them ends', () => {
    const bytes = fixture('video-0-init.mp4');
    for (let length = 0; length < bytes.length; length += 1)
      expect(initSegment(bytes.subarray(0, length))?.track.kind ?? 'none').toBe('none');
  });
});
