import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { rewriteUris } from '../../../../functions/core/playlist/rewrite-uris';

const mark = (uri: string): string => `<${uri}>`;

describe('rewriting URIs', () => {
  it('takes those on their own line and those in attributes, and nothing else', () => {
    const playlist = [
      '#EXTM3U',
      '# a comment with URI="no"',
      '#EXT-X-MEDIA:TYPE=AUDIO,NAME="x,URI=\'y\'",URI="audio.m3u8",GROUP-ID="a"',
      '#EXT-X-KEY:METHOD=AES-128,URI="key?a=1,2",IV=0x1',
      '#EXT-X-MAP:URI="init.mp4",BYTERANGE="1@0"',
      '#EXTINF:4.000,title URI="no"',
      '/gated/s/0.ts?x=1',
      '',
      '#EXT-X-STREAM-INF:BANDWIDTH=1,VIDEO="URI=no"',
      'low.m3u8',
      '#EXT-X-ENDLIST',
    ].join('\n');
    const expected = playlist
      .replace('URI="audio.m3u8"', 'URI="<audio.m3u8>"')
      .replace('URI="key?a=1,2"', 'URI="<key?a=1,2>"')
      .replace('URI="init.mp4"', 'URI="<init.mp4>"')
      .replace('/gated/s/0.ts?x=1', '</gated/s/0.ts?x=1>')
      .replace('low.m3u8', '<low.m3u8>');
    expect(rewriteUris(playlist, mark)).toBe(expected);
  });

  it('leaves a URI inside the quotes of another attribute alone', () => {
    const line = '#EXT-X-MEDIA:NAME="a,URI=b",URI="c"';
    expect(rewriteUris(line, mark)).toBe('#EXT-X-MEDIA:NAME="a,URI=b",URI="<c>"');
  });

  const uri = fc.stringMatching(/^[a-z0-9/][a-z0-9/._?&=-]{0,30}$/);
  const end = fc.constantFrom('\n', '\r\n');
  const line = fc.oneof(
    uri.map((text) => ({ text, uris: [text] })),
    uri.map((text) => ({ text: `#EXT-X-MAP:URI="${text}",BYTERANGE="1@0"`, uris: [text] })),
    uri.map((text) => ({ text: `#EXT-X-MEDIA:TYPE=AUDIO,URI="${text}"`, uris: [text] })),
    fc
      .constantFrom('', '#EXTM3U', '#EXTINF:2.000,', '#EXTINF:2,URI="x"', '#comment', '   ')
      .map((text) => ({ text, uris: [] })),
  );

  it('hands every URI over exactly once, in order, and keeps every other byte', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(line, end)), fc.boolean(), (lines, ended) => {
        const text = lines
          .map(([{ text: own }, lineEnd], i) => (i === lines.length - 1 && !ended ? own : own + lineEnd))
          .join('');
        const seen: string[] = [];
        const unchanged = rewriteUris(text, (found) => {
          seen.push(found);
          return found;
        });
        expect(unchanged).toBe(text);
        expect(seen).toEqual(lines.flatMap(([{ uris }]) => uris));
        expect(rewriteUris(text, mark).replaceAll(/[<>]/g, '')).toBe(text);
        expect(rewriteUris(text, mark).match(/</g) ?? []).toHaveLength(seen.length);
      }),
    );
  });

  it.each(readdirSync('test/fixtures/rfc8216bis-playlists').filter((name) => name.startsWith('valid--')))(
    'changes no byte of %s but URIs',
    (name) => {
      const text = readFileSync(`test/fixtures/rfc8216bis-playlists/${name}`, 'latin1');
      expect(rewriteUris(text, (found) => found)).toBe(text);
      const lines = text.split(/\r?\n/).filter((each) => each !== '' && !each.startsWith('#'));
      const seen: string[] = [];
      rewriteUris(text, (found) => String(seen.push(found)));
      expect(seen).toEqual(expect.arrayContaining(lines));
    },
  );
});
