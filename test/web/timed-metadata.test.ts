import { METADATA_ATTRIBUTE, METADATA_CLASS } from '../../functions/contract/timed-metadata/text';
import { MetadataCues, type TimedMetadata } from '../../web/sdk/timed-metadata';

const START = Date.UTC(2026, 10, 27, 12);
const at = (seconds: number) => new Date(START + seconds * 1000);
const rangeOf = (
  id: string,
  seconds: number,
  { duration = null, data = 'goal' }: { duration?: number | null; data?: string } = {},
) => ({
  [id]: { id, class: METADATA_CLASS, startDate: at(seconds), duration, attr: { [METADATA_ATTRIBUTE]: data } },
});

function rig() {
  const raised: TimedMetadata[] = [];
  const cues = new MetadataCues((metadata) => raised.push(metadata));
  return { cues, ids: () => raised.map(({ id }) => id), raised };
}

describe('timed metadata in a player', () => {
  it('is raised when the picture reaches it, in order and once, however often the playlist says it', () => {
    const { cues, ids } = rig();
    const ranges = { ...rangeOf('b', 4), ...rangeOf('a', 3) };
    const seen = [2, 3, 4, 4, 5].map((seconds) => {
      cues.list(ranges);
      cues.reached(at(seconds));
      return ids().join(' ');
    });
    expect(seen).toEqual(['', 'a', 'a b', 'a b', 'a b']);
  });

  it('is raised once although the playlist of another rendition is a version behind', () => {
    const { cues, ids } = rig();
    for (const ranges of [rangeOf('a', 3), {}, rangeOf('a', 3)]) {
      cues.list(ranges);
      cues.reached(at(4));
    }
    expect(ids()).toEqual(['a']);
  });

  it('is raised for a viewer who comes later, while it holds', () => {
    const { cues, ids } = rig();
    cues.list({
      ...rangeOf('over', 0),
      ...rangeOf('short', 0, { duration: 6 }),
      ...rangeOf('long', 0, { duration: 60 }),
    });
    cues.reached(at(30));
    expect(ids()).toEqual(['long']);
  });

  it('has the text of its owner, also with marks that a playlist cannot hold', () => {
    const { cues, raised } = rig();
    cues.list(rangeOf('a', 0, { duration: 5, data: '{%22a%22:1}%E2%80%AE%0A100%25' }));
    cues.reached(at(1));
    expect(raised).toEqual([{ id: 'a', data: '{"a":1}\u202e\n100%', startsAt: at(0), durationSeconds: 5 }]);
  });

  it('of others is passed over, and so is what cannot be read', () => {
    const { cues, ids } = rig();
    const ad = {
      ad: { ...rangeOf('ad', 0).ad, id: 'ad', class: 'com.example.ad', startDate: at(0), duration: null, attr: {} },
    };
    cues.list({ ...ad, ...rangeOf('broken', 0, { data: '%E2' }), gone: undefined });
    for (const date of [at(1), null, new Date(Number.NaN)]) cues.reached(date);
    expect(ids()).toEqual([]);
  });
});
