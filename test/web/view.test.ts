import type { PublicStream } from '../../functions/contract/api/public-stream';
import { cannotDecode } from '../../web/watch/players/playback';
import type { KnownStream } from '../../web/watch/public-stream';
import { isBehind, type SeenPlayback, viewOf, viewWithoutIndex } from '../../web/watch/view';

const UNTIL = '2026-11-26T12:31:00Z';
const stream = (more: Partial<PublicStream> = {}): KnownStream => ({
  kind: 'stream',
  stream: { id: 'abcdefgh01234567', policy: 'open', state: 'live', ...more },
});
const playing: SeenPlayback = {
  begun: true,
  paused: false,
  blocked: false,
  standing: false,
  offline: false,
  behindSeconds: 0.4,
  isBehind: false,
  slow: undefined,
  known: undefined,
  remark: undefined,
};
const slow = { has: 500_000, needs: 850_000 };

describe('the text for a viewer while something plays', () => {
  it.each<[string, Partial<SeenPlayback>, string, RegExp]>([
    ['at the live edge', {}, 'playing', /^Live$/],
    ['not in the way that is wanted', { remark: 'Live, not by WebRTC.' }, 'playing', /^Live, not by WebRTC\.$/],
    ['so and behind', { remark: 'Live, later.', behindSeconds: 9, isBehind: true }, 'behind', /^Playing, 9 s behind/],
    ['behind it', { behindSeconds: 46.2, isBehind: true }, 'behind', /46 s behind live/],
    ['paused', { paused: true, behindSeconds: 16 }, 'paused', /^Paused, 16 s behind live/],
    ['paused just now', { paused: true }, 'paused', /^Paused\.$/],
    ['a picture that stands', { standing: true }, 'buffering', /Waiting for more/],
    ['before the first picture', { begun: false }, 'starting', /Starting/],
    ['a click that is missing', { begun: false, blocked: true, paused: true }, 'blocked', /Press play/],
    ['offline, with media left', { offline: true }, 'offline', /loaded part keeps playing/],
    ['offline, and standing', { offline: true, standing: true }, 'offline', /Playback continues/],
    [
      'a slow network that stands',
      { standing: true, slow },
      'buffering',
      /about 0\.5 Mbit\/s, this stream needs 0\.85/,
    ],
    [
      'a slow network that plays',
      { slow, behindSeconds: 12, isBehind: true },
      'behind',
      /12 s behind live\. Your connection gives/,
    ],
    [
      'a network that is fast but not steady',
      { slow: { has: 9e6, needs: 1e6 } },
      'playing',
      /^Live\. Your connection is unsteady, so the player keeps a larger buffer\.$/,
    ],
    [
      'a broadcaster who was lost',
      { standing: true, known: stream({ state: 'reconnecting', reconnectUntil: UNTIL }) },
      'reconnecting',
      /lost the connection\. Waiting until .*31/,
    ],
    [
      'a broadcaster who was lost, while media is left',
      { known: stream({ state: 'reconnecting' }) },
      'playing',
      /Live/,
    ],
  ])('%s', (_name, more, state, words) => {
    expect(viewOf({ ...playing, ...more })).toEqual({ state, words: expect.stringMatching(words) });
  });
});

it('a player that is behind stays so while the live position moves by a segment at a time', () => {
  const seen = [0.5, 2.5, 4.9, 5.1, 4.2, 6.2, 3.1, 2.9, 4.9];
  let was = false;
  const told = seen.map((seconds) => {
    was = isBehind(seconds, was);
    return was;
  });
  expect(told).toEqual([false, false, false, true, true, true, true, false, false]);
});

describe('the text for a viewer while there is nothing to play', () => {
  it.each<[string, number, KnownStream | undefined, string, RegExp]>([
    ['no answer', 0, undefined, 'interrupted', /does not answer/],
    ['too many requests', 429, undefined, 'interrupted', /Too many requests/],
    ['a server in trouble', 503, undefined, 'interrupted', /503/],
    ['not on air', 404, stream({ state: 'idle' }), 'waiting', /not on air yet/],
    ['an API that does not answer', 403, { kind: 'silent' }, 'waiting', /not on air yet/],
    ['on air, and no segment yet', 404, stream(), 'waiting', /begins in a moment/],
    ['no such stream', 404, { kind: 'none' }, 'unknown', /no such stream/],
    ['a gated stream', 403, stream({ policy: 'gated' }), 'invitation', /needs an invitation/],
    ['a suspended stream', 404, stream({ state: 'suspended' }), 'suspended', /suspended for now/],
    [
      'a lost broadcaster',
      404,
      stream({ state: 'reconnecting', reconnectUntil: UNTIL }),
      'reconnecting',
      /Waiting until/,
    ],
  ])('%s', (_name, status, known, state, words) => {
    expect(viewWithoutIndex(status, known, false)).toEqual({ state, words: expect.stringMatching(words) });
  });

  it('a gated stream whose grant it has is one that is not on air', () => {
    expect(viewWithoutIndex(404, stream({ policy: 'gated', state: 'idle' }), true).state).toBe('waiting');
  });
});

describe("the browser's support of an index", () => {
  const index = (...codecs: string[]) =>
    codecs.map((each) => `#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="${each}"\nsource.m3u8\n`).join('');

  it('is what the browser says of its codecs', () => {
    const asked: string[] = [];
    const never = (type: string) => asked.push(type) === 0;
    expect(cannotDecode(index('hvc1.1.6.L93', 'av01'), never)).toBe(true);
    expect(asked).toEqual(['video/mp4; codecs="hvc1.1.6.L93"', 'video/mp4; codecs="av01"']);
    expect(cannotDecode(index('hvc1', 'avc1'), (type) => type.includes('avc1'))).toBe(false);
  });

  it('is not doubted where no codecs are named', () => {
    expect(cannotDecode('#EXT-X-STREAM-INF:BANDWIDTH=1\nsource.m3u8\n', () => false)).toBe(false);
    expect(cannotDecode('#EXT-X-STREAM-INF:BANDWIDTH=1,SUPPLEMENTAL-CODECS="x"\nsource.m3u8\n', () => false)).toBe(
      false,
    );
  });
});
