import { parseWatchLink, watchHref } from '../../web/stream-link';

const ID = 'abcdefgh01234567';

describe('a link to watch', () => {
  it.each([
    [`?id=${ID}`, 2],
    [`?id=${ID}&sync=3`, 3],
    [`?id=${ID}&sync=1.5`, 1.5],
    [`?id=${ID}&sync=`, 2],
    [`?id=${ID}&sync=0`, 2],
    [`?id=${ID}&sync=99`, 2],
    [`?id=${ID}&sync=x`, 2],
  ])('%s plays the index, %d segments behind', (search, syncCount) => {
    expect(parseWatchLink(search)).toEqual({ streamId: ID, indexPath: `/open/p/${ID}/index.m3u8`, syncCount });
  });

  it.each(['', '?id=', '?id=../../x', '?id=ABCDEFGH01234567', `?ID=${ID}`])('%j names no stream', (search) => {
    expect(parseWatchLink(search)).toBeUndefined();
  });

  it('leads back to the stream', () => {
    expect(parseWatchLink(watchHref(ID).slice('watch.html'.length))?.streamId).toBe(ID);
  });
});
