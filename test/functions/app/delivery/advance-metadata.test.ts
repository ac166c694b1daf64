import fc from 'fast-check';
import { advance, type LiveState } from '../../../../functions/app/delivery/advance';
import type { DateRange } from '../../../../functions/contract/objects/metadata';
import { formatMediaPlaylist, parseMediaPlaylist } from '../../../../functions/core/playlist/media-playlist';
import { checkPlaylist, checkSuccession } from '../../../../scripts/tools/check-hls/rules';
import { START_MS, sourceOf } from '../../../support/delivery';

/** One session with the first `until` segments of 2 s of which `keeps` are listed, and a message in each of `at`. */
function sourceWith({ ordinal, until, keeps, at }: { ordinal: number; until: number; keeps: number; at: number[] }) {
  const from = Math.max(0, until - keeps);
  const durations = Array.from({ length: until - from }, () => 2);
  const source = sourceOf({ ordinal, from, durations, generation: until, metadata: { window: 10 } });
  const playlist = parseMediaPlaylist(source.text);
  const dateRanges = at
    .filter((number) => number >= from && number < until)
    .map((number): DateRange => {
      const startMs = START_MS + ordinal * 3_600_000 + number * 2000 + 500;
      return { id: `s${ordinal}-${number}`, startMs, data: `${number}` };
    });
  return { ...source, text: formatMediaPlaylist({ ...playlist, ...(dateRanges.length > 0 && { dateRanges }) }) };
}

const idsOf = ({ text }: LiveState): string[] => parseMediaPlaylist(text).dateRanges?.map(({ id }) => id) ?? [];

describe('timed metadata in the live playlist', () => {
  it('comes with the segment in which it begins, stays with its window, and leaves for good', () => {
    let live: LiveState | undefined;
    const seen: string[][] = [];
    for (let until = 2; until <= 12; until += 1) {
      const next = advance(live, sourceWith({ ordinal: 1, until, keeps: 30, at: [1, 4] }));
      if (next.kind === 'write') live = { text: next.text, metadata: next.metadata };
      seen.push(live === undefined ? [] : idsOf(live));
    }
    const one = ['s1-1'];
    const both = ['s1-1', 's1-4'];
    const four = ['s1-4'];
    const none: string[] = [];
    expect(seen).toEqual([one, one, one, both, both, four, four, four, none, none, none]);
  });

  it('of a session that is over stays until its segments leave, and what the next one says follows', () => {
    const first = advance(undefined, sourceWith({ ordinal: 1, until: 3, keeps: 9, at: [2] }));
    if (first.kind !== 'write') throw new Error('no playlist');
    const next = advance(first, sourceWith({ ordinal: 2, until: 2, keeps: 9, at: [0] }));
    if (next.kind !== 'write') throw new Error('no second version');
    expect(idsOf(next)).toEqual(['s1-2', 's2-0']);
    expect(checkSuccession(first.text, next.text)).toEqual([]);
  });

  it('is there although the next node has a clock that is behind', () => {
    const first = advance(undefined, sourceWith({ ordinal: 2, until: 3, keeps: 9, at: [2] }));
    if (first.kind !== 'write') throw new Error('no playlist');
    const { ref, metadata, ...source } = sourceWith({ ordinal: 1, until: 2, keeps: 9, at: [0] });
    const next = advance(first, {
      ...source,
      ref: { ...ref, sessionId: '3-aaaaaaaa' },
      metadata: { ...metadata, ordinal: 3 },
    });
    if (next.kind !== 'write') throw new Error('no second version');
    expect(idsOf(next)).toEqual(['s1-0', 's2-2']);
  });

  it('costs a stream that uses none not a byte', () => {
    const next = advance(undefined, sourceWith({ ordinal: 1, until: 3, keeps: 9, at: [] }));
    expect(next.kind === 'write' && next.text).not.toContain('DATERANGE');
  });

  it('is there once and in order, whatever is told in whatever order, and never returns', () => {
    const told = fc.array(fc.tuple(fc.constantFrom(1, 2, 3), fc.integer({ min: 1, max: 20 })), { maxLength: 40 });
    fc.assert(
      fc.property(told, fc.uniqueArray(fc.nat(19), { maxLength: 8 }), (story, at) => {
        let live: LiveState | undefined;
        const left = new Set<string>();
        for (const [ordinal, until] of story) {
          const next = advance(live, sourceWith({ ordinal, until, keeps: 12, at }));
          if (next.kind !== 'write') continue;
          expect(checkPlaylist(next.text)).toEqual([]);
          expect(checkSuccession(live?.text ?? next.text, next.text)).toEqual([]);
          const ids = idsOf(next);
          expect(ids.filter((id) => left.has(id))).toEqual([]);
          for (const id of live === undefined ? [] : idsOf(live)) if (!ids.includes(id)) left.add(id);
          live = { text: next.text, metadata: next.metadata };
        }
      }),
    );
  });
});
