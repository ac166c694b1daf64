import fc from 'fast-check';
import { formatMultivariant, parseMultivariant } from '../../../../functions/core/playlist/multivariant';
import { checkPlaylist } from '../../../../scripts/tools/check-hls/rules';

const full = { bandwidth: 2_500_000, codecs: 'avc1.64001f,mp4a.40.2', width: 1280, height: 720, frameRate: 29.97 };

const variant = fc.record({
  uri: fc.stringMatching(/^\/open\/p\/[a-z0-9]{1,20}\.m3u8$/),
  attributes: fc.oneof(
    fc.record({ bandwidth: fc.integer({ min: 1, max: 100_000_000 }) }),
    fc.record({
      bandwidth: fc.integer({ min: 1, max: 100_000_000 }),
      codecs: fc.constant('avc1.42c01e,mp4a.40.2'),
      width: fc.integer({ min: 1, max: 8000 }),
      height: fc.integer({ min: 1, max: 8000 }),
      frameRate: fc.constantFrom(25, 29.97, 59.94, 60),
    }),
  ),
});

describe('formatMultivariant', () => {
  it('describes each rendition before its URI', () => {
    const text = formatMultivariant([
      { uri: '/open/p/a/source.m3u8', attributes: full },
      { uri: '/open/p/a/low.m3u8', attributes: { bandwidth: 500_000 } },
    ]);
    expect(text).toBe(`#EXTM3U
#EXT-X-VERSION:3
#EXT-X-STREAM-INF:BANDWIDTH=2500000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970
/open/p/a/source.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=500000
/open/p/a/low.m3u8
`);
  });

  it('is undone by parsing, with LF and with CRLF', () => {
    fc.assert(
      fc.property(fc.array(variant), (variants) => {
        const text = formatMultivariant(variants);
        expect(parseMultivariant(text)).toEqual(variants);
        expect(parseMultivariant(text.replaceAll('\n', '\r\n'))).toEqual(variants);
      }),
    );
  });

  it('is valid RFC 8216', () => {
    fc.assert(
      fc.property(fc.array(variant, { minLength: 1 }), (variants) => {
        expect(checkPlaylist(formatMultivariant(variants))).toEqual([]);
      }),
    );
  });
});

describe('parseMultivariant', () => {
  it.each([
    ['', "line 1 '': a playlist begins with #EXTM3U"],
    ['#EXTM3U\na.m3u8\n', "line 2 'a.m3u8': a URI needs an EXT-X-STREAM-INF before it"],
    ['#EXTM3U\n#EXT-X-STREAM-INF:CODECS="a"\na.m3u8\n', 'use BANDWIDTH=<bit/s>'],
    ['#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=lots\na.m3u8\n', 'use BANDWIDTH=<bit/s>'],
    ['#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n', 'needs a URI after it'],
    ['#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n', 'needs a URI after it'],
  ])('refuses %j', (text, problem) => {
    expect(() => parseMultivariant(text)).toThrow(expect.objectContaining({ code: 'bad_playlist' }));
    expect(() => parseMultivariant(text)).toThrow(problem);
  });
});
