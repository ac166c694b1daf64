import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  formatMediaPlaylist,
  type MediaPlaylist,
  parseMediaPlaylist,
} from '../../../../functions/core/playlist/media-playlist';
import { checkPlaylist } from '../../../../scripts/tools/check-hls/rules';

const HEAD = '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n';

const segment = fc.record(
  {
    uri: fc.stringMatching(/^[a-z0-9/]{1,20}\.ts$/),
    durationMs: fc.integer({ min: 0, max: 2499 }),
    programDateTimeMs: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    discontinuity: fc.boolean(),
    key: fc.record({
      method: fc.constant('AES-128' as const),
      uri: fc.constantFrom('/api/v1/streams/a/keys/1-a.0', '/api/v1/streams/a/keys/1-a.1'),
      iv: fc.nat({ max: 3 }).map((n) => `0x${n.toString(16).padStart(32, '0')}`),
    }),
  },
  { requiredKeys: ['uri', 'durationMs', 'discontinuity'] },
);
const playlist = fc.record(
  {
    targetDurationSeconds: fc.constant(2),
    mediaSequence: fc.nat(),
    discontinuitySequence: fc.nat(),
    ended: fc.boolean(),
    playlistType: fc.constantFrom<'VOD' | 'EVENT'>('VOD', 'EVENT'),
    segments: fc.array(segment),
  },
  { requiredKeys: ['targetDurationSeconds', 'mediaSequence', 'discontinuitySequence', 'ended', 'segments'] },
);

describe('formatMediaPlaylist', () => {
  const example: MediaPlaylist = {
    targetDurationSeconds: 2,
    mediaSequence: 7,
    discontinuitySequence: 1,
    ended: true,
    segments: [
      { uri: '/open/s/a/7.ts', durationMs: 2023, programDateTimeMs: Date.UTC(2026, 10, 20, 12), discontinuity: false },
      { uri: '/open/s/a/8.ts', durationMs: 960, discontinuity: true },
    ],
  };

  it('writes LF lines, three decimals, dates in UTC and the tags of a segment before its URI', () => {
    expect(formatMediaPlaylist(example)).toBe(`#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:1
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T12:00:00.000Z
#EXTINF:2.023,
/open/s/a/7.ts
#EXT-X-DISCONTINUITY
#EXTINF:0.960,
/open/s/a/8.ts
#EXT-X-ENDLIST
`);
  });

  it('writes EXT-X-KEY where the key or its vector changes, and METHOD=NONE where segments in the clear follow', () => {
    const key = { method: 'AES-128' as const, uri: '/k/0', iv: `0x${'0'.repeat(32)}` };
    const next = { ...key, iv: `0x${'0'.repeat(31)}1` };
    const segments = [{}, { key }, { key }, { key: next }, {}].map((each, index) => ({
      uri: `/s/${index}.ts`,
      durationMs: 2000,
      discontinuity: false,
      ...each,
    }));
    const text = formatMediaPlaylist({ ...example, segments });
    expect(text.match(/#EXT-X-KEY.*\n#EXTINF.*\n.*/g)).toEqual([
      `#EXT-X-KEY:METHOD=AES-128,URI="/k/0",IV=${key.iv}\n#EXTINF:2.000,\n/s/1.ts`,
      `#EXT-X-KEY:METHOD=AES-128,URI="/k/0",IV=${next.iv}\n#EXTINF:2.000,\n/s/3.ts`,
      '#EXT-X-KEY:METHOD=NONE\n#EXTINF:2.000,\n/s/4.ts',
    ]);
  });

  it('is undone by parsing', () => {
    fc.assert(fc.property(playlist, (given) => expect(parseMediaPlaylist(formatMediaPlaylist(given))).toEqual(given)));
  });

  it('is valid RFC 8216', () => {
    fc.assert(
      fc.property(playlist, (given) => {
        expect(checkPlaylist(formatMediaPlaylist(given))).toEqual([]);
      }),
    );
  });
});

describe('parseMediaPlaylist', () => {
  it('reads CRLF line ends as LF ones', () => {
    fc.assert(
      fc.property(playlist, (given) => {
        const text = formatMediaPlaylist(given);
        expect(parseMediaPlaylist(text.replaceAll('\n', '\r\n'))).toEqual(parseMediaPlaylist(text));
      }),
    );
  });

  it('takes absent sequence tags as 0, passes over unknown tags and comments, and needs no last line end', () => {
    const text = `${HEAD}#EXT-X-INDEPENDENT-SEGMENTS\n# a comment\n#EXT-X-NEW:a=1\n#EXTINF:2.0, no desc\n0.ts`;
    expect(parseMediaPlaylist(text)).toMatchObject({
      mediaSequence: 0,
      discontinuitySequence: 0,
      ended: false,
      segments: [{ uri: '0.ts', durationMs: 2000, discontinuity: false }],
    });
  });

  it('reads dates of other time zones', () => {
    const text = `${HEAD}#EXT-X-PROGRAM-DATE-TIME:2026-11-20T13:00:00.5+0100\n#EXTINF:2,\n0.ts\n`;
    expect(parseMediaPlaylist(text).segments[0]?.programDateTimeMs).toBe(Date.UTC(2026, 10, 20, 12, 0, 0, 500));
  });

  it.each(['srs5', 'srs6'])('reads every playlist %s wrote', (version) => {
    const folder = join('test/fixtures/srs-playlists', version);
    const read = readdirSync(folder).map((file) => parseMediaPlaylist(readFileSync(join(folder, file), 'utf8')));
    expect(read).toHaveLength(18);
    expect(
      read.every(({ segments }) => segments.length > 0 && segments.every(({ durationMs }) => durationMs > 900)),
    ).toBe(true);
  });

  it.each([
    ['', "playlist line 1 '': a playlist begins with #EXTM3U"],
    ['\ufeff#EXTM3U\n', "playlist line 1 '\ufeff#EXTM3U': a playlist begins with #EXTM3U"],
    ['<html>', "playlist line 1 '<html>': a playlist begins with #EXTM3U"],
    ['#EXTM3U\n', 'EXT-X-TARGETDURATION is missing'],
    ['#EXTM3U\n#EXT-X-TARGETDURATION:2.5\n', "playlist line 2 '#EXT-X-TARGETDURATION:2.5': use a whole number"],
    [`${HEAD}#EXT-X-TARGETDURATION:2\n`, 'may stand only once here'],
    [`${HEAD}#EXT-X-MEDIA-SEQUENCE:-1\n`, 'use a whole number'],
    [`${HEAD}#EXTINF:2,\n0.ts\n#EXT-X-MEDIA-SEQUENCE:1\n`, 'must stand before the first segment'],
    [`${HEAD}#EXT-X-PLAYLIST-TYPE:LIVE\n`, 'use VOD or EVENT'],
    [`${HEAD}#EXTINF:two,\n0.ts\n`, 'use seconds and a comma'],
    [`${HEAD}#EXTINF:1e9,\n0.ts\n`, 'use seconds and a comma'],
    [`${HEAD}#EXTINF:-1,\n0.ts\n`, 'use seconds and a comma'],
    [`${HEAD}0.ts\n`, "playlist line 4 '0.ts': a URI needs an EXTINF before it"],
    [`${HEAD}#EXTINF:2,\n`, 'an EXTINF needs a URI after it'],
    [`${HEAD}#EXTINF:2,\n#EXTINF:2,\n0.ts\n`, 'may stand only once here'],
    [`${HEAD}#EXTINF:2,\n0.ts evil\n`, 'a URI has no blanks, quotes or control characters'],
    [`${HEAD}#EXTINF:2,\n0\u0000.ts\n`, 'a URI has no blanks, quotes or control characters'],
    [`${HEAD}#EXT-X-PROGRAM-DATE-TIME:2026-11-20T12:00:00\n`, 'use ISO 8601 with a time zone'],
    [`${HEAD}#EXT-X-PROGRAM-DATE-TIME:2026-13-40T12:00:00Z\n`, 'use ISO 8601 with a time zone'],
    [`${HEAD}#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n`, 'belongs in a multivariant playlist'],
  ])('refuses %j', (text, problem) => {
    expect(() => parseMediaPlaylist(text)).toThrow(expect.objectContaining({ code: 'bad_playlist' }));
    expect(() => parseMediaPlaylist(text)).toThrow(problem);
  });

  it('throws nothing but bad_playlist, whatever it is given', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('#EXTM3U', '#EXTINF:2,', '0.ts', '#EXT-X-TARGETDURATION:2', '#constructor:1'),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          parseMediaPlaylist(['#EXTM3U', ...lines].join('\n'));
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_playlist' });
        }
      }),
    );
  });
});
