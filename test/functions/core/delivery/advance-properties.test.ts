import fc from 'fast-check';
import { advance, type LiveState } from '../../../../functions/app/delivery/advance';
import { parseMediaPlaylist } from '../../../../functions/core/playlist/media-playlist';
import { checkPlaylist, checkSuccession } from '../../../../scripts/tools/check-hls/rules';
import { type SessionShape, sessionOf, sourceOf } from '../../../support/delivery';

/** Returns the versions of one session's playlist: ever more segments, of which the oldest leave. */
const session = (ordinal: number) =>
  fc
    .record({
      milliseconds: fc.array(fc.integer({ min: 1500, max: 2499 }), { minLength: 1, maxLength: 30 }),
      keeps: fc.integer({ min: 3, max: 12 }),
      breaks: fc.uniqueArray(fc.nat(29), { maxLength: 3 }),
      window: fc.integer({ min: 1, max: 20 }),
    })
    .map(({ milliseconds, keeps, breaks, window }): SessionShape[] =>
      milliseconds.map((_, index) => {
        const from = Math.max(0, index + 1 - keeps);
        const durations = milliseconds.slice(from, index + 1).map((ms) => ms / 1000);
        const ended = index + 1 === milliseconds.length;
        return { ordinal, from, durations, breaks, generation: index + 1, metadata: { window, ended } };
      }),
    );
const sessions = fc.tuple(session(1), session(2), session(3));

/** Some of the versions, in any order, some twice. */
const story = sessions.chain((given) => {
  const versions = given.flat();
  return fc.record({ given: fc.constant(given), told: fc.array(fc.constantFrom(...versions), { maxLength: 60 }) });
});

/** The live playlist's versions, the first one first. */
function versionsOf(told: readonly SessionShape[], crlf = false): LiveState[] {
  const versions: LiveState[] = [];
  for (const shape of told) {
    const source = sourceOf(shape);
    const next = advance(versions.at(-1), crlf ? { ...source, text: source.text.replaceAll('\n', '\r\n') } : source);
    if (next.kind === 'write') versions.push({ text: next.text, metadata: next.metadata });
  }
  return versions;
}

describe('advance, whatever is told in whatever order', () => {
  it('writes valid playlists that follow on from each other', () => {
    fc.assert(
      fc.property(story, ({ told }) => {
        const versions = versionsOf(told);
        for (const [index, { text }] of versions.entries()) {
          expect(checkPlaylist(text)).toEqual([]);
          expect(checkSuccession(versions[index - 1]?.text ?? text, text)).toEqual([]);
        }
      }),
    );
  });

  it('gives a number one segment for ever, and a segment one number', () => {
    fc.assert(
      fc.property(story, ({ told }) => {
        const uris = new Map<number, string>();
        for (const { text } of versionsOf(told)) {
          const { mediaSequence, segments } = parseMediaPlaylist(text);
          for (const [index, { uri }] of segments.entries()) {
            expect(uris.get(mediaSequence + index) ?? uri).toBe(uri);
            uris.set(mediaSequence + index, uri);
          }
        }
        expect(new Set(uris.values()).size).toBe(uris.size);
      }),
    );
  });

  it('ends with the newest of the newest session, once that was told', () => {
    fc.assert(
      fc.property(story, ({ told, given }) => {
        const newest = given[2].at(-1);
        const last = versionsOf(newest ? [...told, newest] : told).at(-1);
        const number = (newest?.from ?? 0) + (newest?.durations.length ?? 0) - 1;
        expect(last?.metadata).toMatchObject({ session: sessionOf(3), lastNumber: number });
        expect(parseMediaPlaylist(last?.text ?? '').segments.at(-1)?.uri).toContain(
          `/${sessionOf(3)}/source/${number}.ts`,
        );
      }),
    );
  });

  it('is not changed by anything told again', () => {
    fc.assert(
      fc.property(story, ({ told, given }) => {
        const all = [...told, ...given.flatMap((versions) => versions.at(-1) ?? [])];
        const before = versionsOf(all);
        expect(versionsOf([...all, ...told])).toHaveLength(before.length);
      }),
    );
  });

  it('reads CRLF as LF', () => {
    fc.assert(
      fc.property(story, ({ told }) => {
        expect(versionsOf(told, true)).toEqual(versionsOf(told));
      }),
    );
  });

  it('drops no segment and marks no break when every version of a session comes in order', () => {
    fc.assert(
      fc.property(session(1), (versions) => {
        const own = new Set(versions[0]?.breaks);
        const numbers = versionsOf(versions).flatMap(({ text }) => {
          const { mediaSequence, segments } = parseMediaPlaylist(text);
          return segments.map(({ uri, discontinuity }, index) => ({
            number: mediaSequence + index,
            uri,
            discontinuity,
          }));
        });
        for (const { number, uri, discontinuity } of numbers) {
          expect(uri).toMatch(new RegExp(`/${number}\\.ts$`));
          expect(discontinuity).toBe(own.has(number));
        }
      }),
    );
  });
});
