import fc from 'fast-check';
import type { Advance, LiveState } from '../../../../functions/app/delivery/advance';
import { followSource } from '../../../../functions/app/delivery/hot-backup/follow-source';
import type { PlaylistSource } from '../../../../functions/app/delivery/source';
import { parseMediaPlaylist } from '../../../../functions/core/playlist/media-playlist';
import { checkPlaylist, checkSuccession } from '../../../../scripts/tools/check-hls/rules';
import { keptLog, liveAfter, type SessionShape, START_MS, sessionOf, sourceOf } from '../../../support/delivery';

const twos = (count: number): number[] => new Array<number>(count).fill(2);
const primary = (count: number, more: Partial<SessionShape> = {}): SessionShape => ({
  durations: twos(count),
  startMs: START_MS,
  generation: count,
  ...more,
  metadata: { role: 'primary', ...more.metadata },
});
const backup = (count: number, more: Partial<SessionShape> = {}): SessionShape => ({
  ordinal: 2,
  durations: twos(count),
  startMs: START_MS,
  generation: count,
  ...more,
  metadata: { role: 'backup', backupOf: sessionOf(1), ...more.metadata },
});

function follow(live: LiveState | undefined, source: PlaylistSource, others: readonly PlaylistSource[]) {
  const readSession = async (id: string) => others.find(({ ref }) => ref.sessionId === id);
  return followSource({ log: keptLog() }, { live, source, readSession });
}
const followed = (live: readonly SessionShape[], news: SessionShape, others: readonly SessionShape[] = live) =>
  follow(liveAfter(...live), sourceOf(news), others.map(sourceOf));

const urisOf = (next: Advance): string[] =>
  next.kind === 'write'
    ? parseMediaPlaylist(next.text).segments.map(({ uri, discontinuity }) => {
        return `${discontinuity ? '| ' : ''}${uri.split('/').slice(-3).join('/')}`;
      })
    : [next.kind];

describe('the backup of a session that is on air', () => {
  it('stands by while the primary adds segments', async () => {
    expect(await followed([primary(5)], backup(5))).toEqual({ kind: 'standby' });
    expect(await followed([primary(5)], backup(6))).toEqual({ kind: 'standby' });
  });

  it('goes on where a primary ended that added nothing for two segments', async () => {
    expect(urisOf(await followed([primary(4)], backup(6)))).toEqual([
      ...[0, 1, 2, 3].map((number) => `1-aaaaaaaa/source/${number}.ts`),
      '| 2-aaaaaaaa/source/4.ts',
      '2-aaaaaaaa/source/5.ts',
    ]);
  });

  it('goes on at once where the primary has ended', async () => {
    const ended = primary(4, { metadata: { ended: true } });
    expect(urisOf(await followed([ended], backup(5))).slice(3)).toEqual([
      '1-aaaaaaaa/source/3.ts',
      '| 2-aaaaaaaa/source/4.ts',
    ]);
  });

  it('adds no stub of an encoder that ended both publishers together', async () => {
    const ended = primary(4, { metadata: { ended: true } });
    const stub = backup(4, { durations: [...twos(3), 1.9, 0.2], metadata: { ended: true } });
    expect(urisOf(await followed([ended], { ...stub, startMs: START_MS - 300 }))).toEqual(['standby']);
  });

  it('first adds what an event of the primary lost', async () => {
    expect(urisOf(await followed([primary(3)], backup(6), [primary(4)])).slice(2)).toEqual([
      '1-aaaaaaaa/source/2.ts',
      '1-aaaaaaaa/source/3.ts',
      '| 2-aaaaaaaa/source/4.ts',
      '2-aaaaaaaa/source/5.ts',
    ]);
  });

  it('tells what each session had on air, for the recording', async () => {
    expect(await followed([primary(4)], backup(6))).toMatchObject({
      metadata: {
        session: '2-aaaaaaaa',
        onAir: [
          { session: '1-aaaaaaaa', to: 3 },
          { session: '2-aaaaaaaa', from: 4 },
        ],
      },
    });
  });

  it('stays on air when the primary comes back', async () => {
    const changed = await followed([primary(4)], backup(6));
    const live = changed.kind === 'write' ? changed : undefined;
    const back = await follow(live, sourceOf(primary(9, { updatedAt: START_MS + 60_000 })), []);
    expect(back).toEqual({ kind: 'superseded', reason: 'newer_session' });
  });

  it('begins the broadcast when the primary has nothing for three segments', async () => {
    expect(await followed([], backup(2))).toEqual({ kind: 'standby' });
    expect(urisOf(await followed([], backup(3)))).toHaveLength(3);
  });

  it('lets a primary begin that is a moment later', async () => {
    expect(await followed([], backup(3), [primary(1, { startMs: START_MS + 3000 })])).toEqual({ kind: 'standby' });
  });

  it('goes on where the playlist of the session on air is malformed', async () => {
    const broken = { ...sourceOf(primary(5)), text: 'not a playlist' };
    const next = await follow(liveAfter(primary(4)), sourceOf(backup(6)), [broken]);
    expect(urisOf(next).at(-1)).toBe('2-aaaaaaaa/source/5.ts');
  });

  it.each([-300, 300])('finds its place though its node is %i s off', async (seconds) => {
    const written = { role: 'primary', writtenAt: START_MS + 8000 } as const;
    const wrong = { startMs: START_MS + seconds * 1000, updatedAt: START_MS + 12_000 };
    const news = backup(6, { ...wrong, metadata: { writtenAt: START_MS + 12_000 + seconds * 1000 } });
    const next = await followed([primary(4, { metadata: written })], news);
    expect(urisOf(next).slice(4)).toEqual(['| 2-aaaaaaaa/source/4.ts', '2-aaaaaaaa/source/5.ts']);
  });
});

/** A story of two encoders of one picture. Times in milliseconds of the picture. */
const plot = fc.record({
  /** The backup's cuts are so much later than the primary's. */
  phase: fc.integer({ min: -999, max: 1000 }),
  /** The backup's node is so far off. */
  clock: fc.constantFrom(0, 0, -400, 400, -300_000, 300_000),
  /** The primary adds its last segment, the backup too. */
  primaryLast: fc.integer({ min: 3, max: 20 }),
  backupLast: fc.integer({ min: 3, max: 30 }),
  primaryReturns: fc.boolean(),
  /** Events that are lost, by their place. */
  lost: fc.uniqueArray(fc.nat(50), { maxLength: 8 }),
});
type Plot = typeof plot extends fc.Arbitrary<infer T> ? T : never;

interface Version {
  live: LiveState;
  at: number;
}

/** Tells each session playlist in its time; the versions of the live playlist. */
async function played({ phase, clock, primaryLast, backupLast, primaryReturns, lost }: Plot): Promise<Version[]> {
  const told = (first: number, last: number, shape: (count: number, at: number) => SessionShape, offset: number) =>
    Array.from({ length: last }, (_, i) => ({ at: offset + (i + 1) * 2000, first })).map(({ at }, i) => ({
      at,
      source: sourceOf(shape(i + 1, at)),
    }));
  const one = (count: number, at: number) =>
    primary(count, { updatedAt: START_MS + at, metadata: { role: 'primary', writtenAt: START_MS + at, window: 120 } });
  const two = (count: number, at: number) =>
    backup(count, {
      startMs: START_MS + phase + clock,
      updatedAt: START_MS + at,
      metadata: { writtenAt: START_MS + at + clock, window: 120 },
    });
  const late = primaryReturns ? [{ at: 70_000, source: sourceOf(one(primaryLast + 1, 70_000)) }] : [];
  const events = [...told(0, primaryLast, one, 0), ...late, ...told(0, backupLast, two, phase)].sort(
    (a, b) => a.at - b.at,
  );
  const versions: Version[] = [];
  for (const [index, { at, source }] of events.entries()) {
    if (lost.includes(index)) continue;
    const others = events
      .slice(0, index)
      .map((each) => each.source)
      .reverse();
    const next = await follow(versions.at(-1)?.live, source, others);
    if (next.kind === 'write') versions.push({ live: { text: next.text, metadata: next.metadata }, at });
  }
  return versions;
}

const segmentsIn = ({ live }: Version) => parseMediaPlaylist(live.text).segments;
const partOf = (uri: string): { ordinal: number; number: number } => {
  const [session = '', , file = ''] = uri.split('/').slice(-3);
  return { ordinal: Number(session[0]), number: Number(file.replace('.ts', '')) };
};

describe('two encoders of one picture, whatever becomes of either', () => {
  it('has one of them on air, changes at most once, and never goes back', async () => {
    await fc.assert(
      fc.asyncProperty(plot, async (story) => {
        const versions = await played(story);
        for (const [index, { live }] of versions.entries()) {
          expect(checkPlaylist(live.text)).toEqual([]);
          expect(checkSuccession(versions[index - 1]?.live.text ?? live.text, live.text)).toEqual([]);
        }
        const [last] = versions.slice(-1);
        const shown = last === undefined ? [] : segmentsIn(last);
        const ordinals = shown.map(({ uri }) => partOf(uri).ordinal);
        expect(ordinals).toEqual([...ordinals].sort((a, b) => a - b));
        expect(shown.filter(({ discontinuity }) => discontinuity)).toHaveLength(new Set(ordinals).size === 2 ? 1 : 0);
      }),
    );
  });

  it('repeats and leaves out no more than half a segment at the change', async () => {
    await fc.assert(
      fc.asyncProperty(plot, async (story) => {
        const [last] = (await played(story)).slice(-1);
        const shown = last === undefined ? [] : segmentsIn(last);
        const at = shown.findIndex(({ discontinuity }) => discontinuity);
        const before = shown[at - 1];
        const after = shown[at];
        if (at < 1 || before === undefined || after === undefined) return;
        const endMs = (partOf(before.uri).number + 1) * 2000;
        const beginsMs = partOf(after.uri).number * 2000 + story.phase;
        expect(Math.abs(beginsMs - endMs)).toBeLessThanOrEqual(
          1000 + (Math.abs(story.clock) < 5000 ? Math.abs(story.clock) : 0),
        );
      }),
    );
  });

  it('is on the backup within three of its segments after the primary stopped', async () => {
    await fc.assert(
      fc.asyncProperty(plot, async (story) => {
        const stopped = { ...story, lost: [], primaryReturns: false, backupLast: story.primaryLast + 4 };
        const first = (await played(stopped)).find(({ live }) => live.metadata.ordinal === 2);
        expect((first?.at ?? Number.POSITIVE_INFINITY) - story.primaryLast * 2000).toBeLessThanOrEqual(6000);
      }),
    );
  });
});
