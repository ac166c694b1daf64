import type { RenditionAttributes } from '../../../../functions/contract/objects/metadata';
import { advanceIndex, type IndexState, type RenditionNews } from '../../../../functions/core/delivery/index-playlist';
import { parseMultivariant } from '../../../../functions/core/playlist/multivariant';

const news = (
  ordinal: number,
  attributes: RenditionAttributes,
  rendition = 'source',
  broadcast = 'b1-aaaaaaaa',
): RenditionNews => ({
  broadcast,
  ordinal,
  variant: { uri: `/open/p/abcdefgh01234567/${broadcast}/${rendition}.m3u8`, attributes },
});
const indexAfter = (...told: readonly RenditionNews[]): IndexState | undefined =>
  told.reduce<IndexState | undefined>((index, next) => advanceIndex(index, next) ?? index, undefined);
const attributesAfter = (...told: readonly RenditionNews[]) =>
  parseMultivariant(indexAfter(...told)?.text ?? '').map(({ attributes }) => attributes);

describe('advanceIndex', () => {
  it('begins with what is told', () => {
    expect(advanceIndex(undefined, news(1, { bandwidth: 600_000, codecs: 'avc1.42c01e,mp4a.40.2' }))).toEqual({
      text: `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-STREAM-INF:BANDWIDTH=600000,CODECS="avc1.42c01e,mp4a.40.2"
/open/p/abcdefgh01234567/b1-aaaaaaaa/source.m3u8
`,
      metadata: { broadcast: 'b1-aaaaaaaa', ordinal: 1 },
    });
  });

  it('leaves the index alone when it says this already, also for a newer session', () => {
    const index = indexAfter(news(1, { bandwidth: 600_000 }));
    expect(advanceIndex(index, news(1, { bandwidth: 600_000 }))).toBeUndefined();
    expect(advanceIndex(index, news(2, { bandwidth: 600_000 }))).toBeUndefined();
  });

  it('lists every rendition of the broadcast, the best first', () => {
    const index = indexAfter(
      news(1, { bandwidth: 600_000 }, 'low'),
      news(1, { bandwidth: 3_000_000 }),
      news(1, { bandwidth: 1_500_000 }, 'mid'),
    );
    expect(parseMultivariant(index?.text ?? '').map(({ uri }) => uri.split('/').at(-1))).toEqual([
      'source.m3u8',
      'mid.m3u8',
      'low.m3u8',
    ]);
  });

  it('lets BANDWIDTH rise and never fall within a broadcast', () => {
    const told = [600_000, 900_000, 700_000].map((bandwidth) => news(1, { bandwidth }));
    expect(told.map((_, count) => attributesAfter(...told.slice(0, count + 1))[0]?.bandwidth)).toEqual([
      600_000, 900_000, 900_000,
    ]);
  });

  it('takes the other attributes from the newest session, whatever comes late', () => {
    const newer = news(2, { bandwidth: 700_000, width: 1920, height: 1080 });
    const older = news(1, { bandwidth: 900_000, width: 640, height: 360 });
    expect(attributesAfter(newer, older)).toEqual([{ bandwidth: 900_000, width: 1920, height: 1080 }]);
    expect(attributesAfter(older, newer)).toEqual([{ bandwidth: 900_000, width: 1920, height: 1080 }]);
  });

  it('goes to a newer broadcast, with nothing of the old one', () => {
    const index = indexAfter(
      news(1, { bandwidth: 9_000_000 }),
      news(1, { bandwidth: 1_000_000 }, 'low'),
      news(2, { bandwidth: 600_000 }, 'source', 'b2-bbbbbbbb'),
    );
    expect(index?.metadata).toEqual({ broadcast: 'b2-bbbbbbbb', ordinal: 2 });
    expect(parseMultivariant(index?.text ?? '')).toEqual([
      { uri: '/open/p/abcdefgh01234567/b2-bbbbbbbb/source.m3u8', attributes: { bandwidth: 600_000 } },
    ]);
  });

  it('is never taken back by an older broadcast', () => {
    const index = indexAfter(news(3, { bandwidth: 600_000 }, 'source', 'b3-cccccccc'));
    expect(advanceIndex(index, news(2, { bandwidth: 9_000_000 }))).toBeUndefined();
  });
});
