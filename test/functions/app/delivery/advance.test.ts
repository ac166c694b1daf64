import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Advance, advance, type LiveState } from '../../../../functions/app/delivery/advance';
import type { PlaylistSource } from '../../../../functions/app/delivery/source';
import {
  formatMediaPlaylist,
  type MediaSegment,
  parseMediaPlaylist,
} from '../../../../functions/core/playlist/media-playlist';
import { linesOf, liveAfter, type SessionShape, sourceOf } from '../../../support/delivery';

const S1 = '/open/s/abcdefgh01234567/1-aaaaaaaa/source';
const S2 = '/open/s/abcdefgh01234567/2-aaaaaaaa/source';

/** Segments of two seconds. */
const twos = (count: number): number[] => new Array<number>(count).fill(2);

function written(next: Advance): Extract<Advance, { kind: 'write' }> {
  if (next.kind !== 'write') throw new Error(`got ${next.kind}, not write`);
  return next;
}
const advanced = (live: SessionShape[], source: SessionShape) => advance(liveAfter(...live), sourceOf(source));
const playlistAfter = (...shapes: SessionShape[]) => parseMediaPlaylist(liveAfter(...shapes)?.text ?? '');

function ended(live: LiveState | undefined): LiveState | undefined {
  return live && { ...live, text: formatMediaPlaylist({ ...parseMediaPlaylist(live.text), ended: true }) };
}

describe('the beginning of a live playlist', () => {
  it('waits for the second segment', () => {
    expect(advance(undefined, sourceOf({ durations: [2.023] }))).toEqual({ kind: 'wait' });
  });

  it('begins with two segments: number 0, absolute paths, dates as the session has them', () => {
    const next = written(advance(undefined, sourceOf({ durations: [2.023, 2], generation: 17 })));
    expect(next.text).toBe(`#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T13:00:00.000Z
#EXTINF:2.023,
${S1}/0.ts
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T13:00:02.023Z
#EXTINF:2.000,
${S1}/1.ts
`);
    expect(next.metadata).toEqual({ session: '1-aaaaaaaa', ordinal: 1, generation: '17', lastNumber: 1 });
  });

  it('begins with one segment when the session has ended with it', () => {
    const next = written(advance(undefined, sourceOf({ durations: [1.2], metadata: { ended: true } })));
    expect(parseMediaPlaylist(next.text)).toMatchObject({ targetDurationSeconds: 2, segments: [{ durationMs: 1200 }] });
  });

  it('ends with the last segment of a session that nothing follows, and never changes again', () => {
    const shape = { durations: [2, 2], generation: 2, metadata: { ended: true, final: true } };
    const next = written(advanced([{ durations: [2, 2] }], shape));
    expect(parseMediaPlaylist(next.text)).toMatchObject({ ended: true, segments: [{}, {}] });
    expect(advance(next, sourceOf({ ordinal: 2, durations: [2, 2] }))).toEqual({ kind: 'superseded', reason: 'ended' });
  });

  it('does not end with an older session that was stopped late', () => {
    const stopped = { durations: [2, 2], generation: 9, metadata: { ended: true, final: true } };
    expect(advanced([{ ordinal: 2, durations: [2, 2] }], stopped)).toEqual({
      kind: 'superseded',
      reason: 'newer_session',
    });
  });

  it.each([{ ended: false }, { ended: true }])('waits for a session without a segment: %j', (metadata) => {
    expect(advance(undefined, sourceOf({ durations: [], metadata }))).toEqual({ kind: 'wait' });
    expect(advanced([{ durations: [2, 2] }], { ordinal: 2, durations: [], metadata })).toEqual({ kind: 'wait' });
  });

  it('begins with a later session when the events of the first are late, without a discontinuity', () => {
    expect(playlistAfter({ ordinal: 2, durations: [2, 2] })).toMatchObject({
      mediaSequence: 0,
      segments: [{ uri: `${S2}/0.ts`, discontinuity: false }, { uri: `${S2}/1.ts` }],
    });
  });

  it('puts the paths below the policy of the session', () => {
    const next = written(advance(undefined, sourceOf({ durations: [2, 2], metadata: { policy: 'gated' } })));
    expect(next.text).toContain('\n/gated/s/abcdefgh01234567/1-aaaaaaaa/source/0.ts\n');
  });
});

describe('a session that goes on', () => {
  it('appends the segments it has not had', () => {
    const next = written(advanced([{ durations: [2, 2] }], { durations: [2, 2, 2, 2], generation: 2 }));
    expect(parseMediaPlaylist(next.text).segments.map(({ uri }) => uri)).toEqual(
      [0, 1, 2, 3].map((number) => `${S1}/${number}.ts`),
    );
    expect(next.metadata).toMatchObject({ generation: '2', lastNumber: 3 });
  });

  it('appends without a mark when the session playlist has slid meanwhile', () => {
    const { segments } = playlistAfter({ durations: [2, 2] }, { from: 2, durations: [2, 2], generation: 2 });
    expect(segments.map(({ discontinuity }) => discontinuity)).toEqual([false, false, false, false]);
  });

  it('marks a discontinuity where segments were lost for good', () => {
    const { segments } = playlistAfter({ durations: [2, 2] }, { from: 5, durations: [2, 2], generation: 2 });
    expect(segments.map(({ uri, discontinuity }) => [uri, discontinuity])).toEqual([
      [`${S1}/0.ts`, false],
      [`${S1}/1.ts`, false],
      [`${S1}/5.ts`, true],
      [`${S1}/6.ts`, false],
    ]);
  });

  it('keeps the discontinuities the session has of its own', () => {
    const { segments } = playlistAfter({ durations: twos(5), breaks: [3] });
    expect(segments.map(({ discontinuity }) => discontinuity)).toEqual([false, false, false, true, false]);
  });

  it('takes nothing back when a session playlist lists less than before', () => {
    const live = liveAfter({ durations: twos(4) });
    const next = written(advance(live, sourceOf({ durations: twos(2), generation: 2 })));
    expect(next.text).toBe(live?.text);
    expect(next.metadata).toMatchObject({ generation: '2', lastNumber: 3 });
  });
});

describe('a newer session that takes over', () => {
  it('appends all it has, the first one marked', () => {
    const next = written(advanced([{ durations: [2, 2] }], { ordinal: 2, durations: [2, 2], generation: 1 }));
    expect(linesOf(next.text)).toEqual([
      '#EXT-X-TARGETDURATION:2',
      '#EXT-X-MEDIA-SEQUENCE:0',
      '#EXT-X-DISCONTINUITY-SEQUENCE:0',
      ...['#EXTINF:2.000,', `${S1}/0.ts`, '#EXTINF:2.000,', `${S1}/1.ts`],
      ...['#EXT-X-DISCONTINUITY', '#EXTINF:2.000,', `${S2}/0.ts`, '#EXTINF:2.000,', `${S2}/1.ts`],
    ]);
    expect(next.metadata).toEqual({ session: '2-aaaaaaaa', ordinal: 2, generation: '1', lastNumber: 1 });
  });

  it('marks its first segment also when the number would follow on', () => {
    const { segments } = playlistAfter({ durations: [2, 2] }, { ordinal: 2, from: 2, durations: [2, 2] });
    expect(segments.map(({ discontinuity }) => discontinuity)).toEqual([false, false, true, false]);
  });

  it('goes on with its first segment alone', () => {
    expect(advanced([{ durations: [2, 2] }], { ordinal: 2, durations: [2] }).kind).toBe('write');
  });

  it('does not look at the generations of two objects', () => {
    expect(advanced([{ durations: [2, 2], generation: 900 }], { ordinal: 2, durations: [2], generation: 5 }).kind).toBe(
      'write',
    );
  });
});

describe('a late or contained session playlist', () => {
  it.each([
    ['the same generation', 100, 100],
    ['an older generation', 99, 100],
    ['an older generation with fewer digits', 9, 10],
  ])('contains %s', (_, generation, contained) => {
    const next = advanced([{ durations: [2, 2], generation: contained }], { durations: twos(5), generation });
    expect(next).toEqual({ kind: 'contained' });
  });

  it('compares generations as the numbers they are', () => {
    const huge = { ...sourceOf({ durations: twos(3) }), generation: '18446744073709551615' };
    const live = liveAfter({ durations: [2, 2] });
    const near = live && { ...live, metadata: { ...live.metadata, generation: '18446744073709551614' } };
    expect(advance(near, huge).kind).toBe('write');
    expect(advance(near, { ...huge, generation: '18446744073709551613' }).kind).toBe('contained');
  });

  it('records a newer generation that brings no segment, and shows nothing new', () => {
    const live = liveAfter({ durations: [2, 2] });
    const next = written(advance(live, sourceOf({ durations: [2, 2], generation: 2, metadata: { ended: true } })));
    expect(next.text).toBe(live?.text);
    expect(next.metadata).toEqual({ ...live?.metadata, generation: '2' });
  });

  it('supersedes the late segments of an older session', () => {
    const next = advanced([{ ordinal: 2, durations: [2, 2] }], { ordinal: 1, durations: twos(9), generation: 99 });
    expect(next).toEqual({ kind: 'superseded', reason: 'newer_session' });
  });

  it.each([
    ['of the same session', { durations: twos(5), generation: 2 }],
    ['of a newer session', { ordinal: 2, durations: twos(5) }],
    ['it contains', { durations: [2, 2] }],
  ])('supersedes everything %s once the playlist has ended', (_, source) => {
    const next = advance(ended(liveAfter({ durations: [2, 2] })), sourceOf(source));
    expect(next).toEqual({ kind: 'superseded', reason: 'ended' });
  });
});

describe('the window', () => {
  it('drops from the head what it does not need, and counts it', () => {
    const playlist = playlistAfter({ durations: twos(20) });
    expect(playlist.mediaSequence).toBe(5);
    expect(playlist.segments).toHaveLength(15);
    expect(playlist.segments[0]?.uri).toBe(`${S1}/5.ts`);
  });

  it.each([
    ['exactly the window', [2, 2, 2, 2, 2], 10, 0, 5],
    ['a little more than the window', [2.1, 2, 2, 2, 2], 10, 0, 5],
    ['a whole segment more', [2, 2, 2, 2, 2, 2], 10, 1, 5],
    ['one long segment more', [9, 2, 2, 2, 2, 2], 10, 0, 6],
    ['a window of three target durations and less', [2, 2, 2, 2], 1, 1, 3],
    ['a long target duration in a short window', [4, 4, 4, 4, 4], 10, 2, 3],
  ])('keeps %s', (_, durations, window, mediaSequence, kept) => {
    const playlist = playlistAfter({ durations, metadata: { window } });
    expect([playlist.mediaSequence, playlist.segments.length]).toEqual([mediaSequence, kept]);
  });

  it('counts the discontinuities it drops, and only them', () => {
    const first = { durations: twos(4), breaks: [2], metadata: { window: 6 } };
    const second = (count: number, generation: number) => ({
      ordinal: 2,
      durations: twos(count),
      generation,
      metadata: { window: 6 },
    });
    const counts = [1, 2, 3, 4, 5].map((count) => {
      const { mediaSequence, discontinuitySequence } = playlistAfter(first, second(1, 1), second(count, 2));
      return [mediaSequence, discontinuitySequence];
    });
    expect(counts).toEqual([
      [2, 0],
      [3, 1],
      [4, 1],
      [5, 2],
      [6, 2],
    ]);
  });

  it('is that of the newest session', () => {
    const playlist = playlistAfter({ durations: twos(20) }, { ordinal: 2, durations: [2], metadata: { window: 10 } });
    expect(playlist.segments).toHaveLength(5);
  });
});

describe('the target duration', () => {
  it.each([
    ['the longer of the first two, rounded', [2.023, 2.6], 3],
    ['rounded to the nearest, half up', [2.5, 2], 3],
    ['rounded down below a half', [2.499, 2], 2],
    ['at least 2, what SRS cuts to', [0.2, 0.3], 2],
  ])('is %s', (_, durations, expected) => {
    const next = written(advance(undefined, sourceOf({ durations })));
    expect(parseMediaPlaylist(next.text).targetDurationSeconds).toBe(expected);
    expect(next.targetDurationRaised).toBeUndefined();
  });

  it('stays when later segments are shorter', () => {
    expect(
      playlistAfter({ durations: [4, 4] }, { durations: [4, 4, ...twos(30)], generation: 2 }).targetDurationSeconds,
    ).toBe(4);
  });

  it('is raised, and says so, when a later segment is longer', () => {
    const next = written(advanced([{ durations: [2, 2] }], { durations: [2, 2, 4.2], generation: 2 }));
    expect(parseMediaPlaylist(next.text).targetDurationSeconds).toBe(4);
    expect(next.targetDurationRaised).toEqual({ from: 2, to: 4 });
  });

  it('says so too when the first version has the longer segment already', () => {
    const next = written(advance(undefined, sourceOf({ durations: [2, 2, 4.2] })));
    expect(parseMediaPlaylist(next.text).targetDurationSeconds).toBe(4);
    expect(next.targetDurationRaised).toEqual({ from: 2, to: 4 });
  });
});

describe('a session playlist that is not one', () => {
  it.each([
    ['no playlist', '<html>', "playlist line 1 '<html>': a playlist begins with #EXTM3U"],
    ['a foreign path', '/etc/passwd', "session playlist, segment 0: got '/etc/passwd', must be '0.ts'"],
    ['another host', 'https://evil.example/0.ts', "must be '0.ts'"],
    ['a parent folder', '../0.ts', "must be '0.ts'"],
    ['a wrong number', '1.ts', "got '1.ts', must be '0.ts'"],
  ])('is refused: %s', (_, uri, problem) => {
    const good = sourceOf({ durations: [2, 2], generation: 2 });
    const text = uri === '<html>' ? uri : good.text.replace('0.ts', uri);
    for (const live of [undefined, liveAfter({ durations: [2] })]) {
      expect(() => advance(live, { ...good, text })).toThrow(expect.objectContaining({ code: 'bad_playlist' }));
      expect(() => advance(live, { ...good, text })).toThrow(problem);
    }
  });

  it('is refused when its numbers leave what a name can hold', () => {
    const source = sourceOf({ from: 999_999_999, durations: [2, 2] });
    expect(() => advance(undefined, source)).toThrow("got '1000000000.ts'");
  });
});

/**
 * Returns the session playlists that an agent would make of SRS's playlists while a publisher came three times: SRS
 * marks each beginning.
 */
function sessionsOf(version: string): PlaylistSource[] {
  const folder = join('test/fixtures/srs-playlists', version);
  const sessions: MediaSegment[][] = [];
  const seen = new Set<string>();
  return readdirSync(folder)
    .sort()
    .map((file, index) => {
      const { segments } = parseMediaPlaylist(readFileSync(join(folder, file), 'utf8'));
      if (segments.length === 1) seen.clear();
      for (const segment of segments.filter(({ uri }) => !seen.has(uri))) {
        if (segment.discontinuity) sessions.push([]);
        const own = sessions.at(-1) ?? [];
        own.push({ ...segment, uri: `${own.length}.ts`, discontinuity: false });
        seen.add(segment.uri);
      }
      const text = formatMediaPlaylist({
        targetDurationSeconds: 3,
        mediaSequence: 0,
        discontinuitySequence: 0,
        ended: false,
        segments: sessions.at(-1) ?? [],
      });
      const shape = { ordinal: sessions.length, durations: [], generation: index + 1, metadata: { window: 10 } };
      return { ...sourceOf(shape), text };
    });
}

describe("SRS's playlist while a publisher came three times", () => {
  it.each(['srs5', 'srs6'])('becomes one playlist without a break in its numbers: %s', (version) => {
    const live = sessionsOf(version).reduce<LiveState | undefined>((state, source) => {
      const next = advance(state, source);
      return next.kind === 'write' ? next : state;
    }, undefined);
    expect(live?.text).toBe(readFileSync(`test/fixtures/srs-playlists/${version}.live.m3u8`, 'utf8'));
  });
});
