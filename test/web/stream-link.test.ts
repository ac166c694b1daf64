import { watchPath } from '../../functions/contract/grants';
import { parseWatchLink, watchHref } from '../../web/stream-link';

const ID = 'abcdefgh01234567';

describe('a link to watch', () => {
  it.each([
    [`?id=${ID}`, 3],
    [`?id=${ID}&sync=2`, 2],
    [`?id=${ID}&sync=1.5`, 1.5],
    [`?id=${ID}&sync=`, 3],
    [`?id=${ID}&sync=0`, 3],
    [`?id=${ID}&sync=99`, 3],
    [`?id=${ID}&sync=x`, 3],
  ])('%s plays the index, %d segments behind', (search, syncCount) => {
    const indexPath = `/open/p/${ID}/index.m3u8`;
    expect(parseWatchLink(search)).toEqual({ streamId: ID, indexPath, syncCount, technology: 'auto' });
  });

  it.each([
    ['webrtc', 'webrtc'],
    ['hls', 'hls'],
    ['flv', 'auto'],
    ['<script>', 'auto'],
  ])('of tech=%s plays by %s', (tech, technology) => {
    expect(parseWatchLink(`?id=${ID}&tech=${encodeURIComponent(tech)}`)?.technology).toBe(technology);
  });

  const TOKEN = `slr_grantgrantgrant0_1800000000_${'ab'.repeat(20)}`;

  it('with a grant plays what is gated, and knows where to renew', () => {
    expect(parseWatchLink(`?id=${ID}`, `#grant=${TOKEN}`)).toEqual({
      streamId: ID,
      indexPath: `/gated/p/${ID}/index.m3u8`,
      syncCount: 3,
      technology: 'auto',
      grant: { renewalToken: TOKEN, renewalPath: `/api/v1/streams/${ID}/grants/grantgrantgrant0/renewal` },
    });
    const { pathname, search, hash } = new URL(watchPath(ID, TOKEN), 'https://live.example.com');
    expect([pathname, parseWatchLink(search, hash)?.grant?.renewalToken]).toEqual(['/watch.html', TOKEN]);
  });

  it.each(['#grant=', `#grant=${TOKEN.slice(0, -1)}`, `#grant=${TOKEN.replace('slr', 'slp')}`, '#grant=../../x'])(
    '%j is no grant',
    (hash) => {
      expect(parseWatchLink(`?id=${ID}`, hash)).toBeUndefined();
    },
  );

  it.each(['', '?id=', '?id=../../x', '?id=ABCDEFGH01234567', `?ID=${ID}`])('%j names no stream', (search) => {
    expect(parseWatchLink(search)).toBeUndefined();
  });

  it('leads back to the stream', () => {
    expect(parseWatchLink(watchHref(ID).slice('watch.html'.length))?.streamId).toBe(ID);
  });
});
