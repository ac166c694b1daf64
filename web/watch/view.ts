import type { KnownStream } from './public-stream';
import { behindWords, offlineWords, reconnectingWords, STATE_WORDS, slowWords, type WatchState } from './words';

/** The state and the sentence that the page shows to its viewer. */
export interface View {
  readonly state: WatchState;
  readonly words: string;
}

/** A network that is slower than the stream needs; bits a second. */
export interface Slow {
  readonly has: number;
  readonly needs: number;
}

/** Everything that decides the words of the page while it plays. */
export interface SeenPlayback {
  /** A picture has moved since this playback began. */
  readonly begun: boolean;
  readonly paused: boolean;
  /** True if the browser waits for a click before it plays. */
  readonly blocked: boolean;
  readonly standing: boolean;
  readonly offline: boolean;
  /** Seconds behind the player's own place. */
  readonly behindSeconds: number;
  /** True if the delay is more than an accident. */
  readonly isBehind: boolean;
  readonly slow: Slow | undefined;
  readonly known: KnownStream | undefined;
  /** Sentence in place of the word for live, where it plays in another way than wanted. */
  readonly remark: string | undefined;
}

/** Up to this, a player is behind by accident. */
export const BEHIND_SECONDS = 5;
/**
 * A player that was behind is so until it is this near: the live position moves by a segment at a time, and the words
 * must not.
 */
const NEAR_SECONDS = 3;

/** Tells whether a player is behind; `was`: the last answer. */
export const isBehind = (behindSeconds: number, was: boolean): boolean =>
  behindSeconds >= (was ? NEAR_SECONDS : BEHIND_SECONDS);

const say = (state: WatchState, words = STATE_WORDS[state]): View => ({ state, words });

/** Says what is the case, the most important first: the thing that prevents all others. */
export function viewOf(seen: SeenPlayback): View {
  const { begun, paused, blocked, standing, offline, behindSeconds, isBehind, slow, known, remark } = seen;
  if (blocked) return say('blocked');
  if (!begun) return offline ? say('offline', offlineWords(false)) : say('starting');
  if (paused) return say('paused', behindWords('Paused', behindSeconds, BEHIND_SECONDS));
  if (offline) return say('offline', offlineWords(!standing));
  if (standing) return whyStanding(slow, known);
  const words = isBehind ? behindWords('Playing', behindSeconds, 0) : (remark ?? STATE_WORDS.playing);
  return say(isBehind ? 'behind' : 'playing', slow === undefined ? words : `${sentence(words)} ${slowWords(slow)}`);
}

const sentence = (words: string): string => (words.endsWith('.') ? words : `${words}.`);

function whyStanding(slow: Slow | undefined, known: KnownStream | undefined): View {
  const stream = known?.kind === 'stream' ? known.stream : undefined;
  if (stream?.state === 'reconnecting') return say('reconnecting', reconnectingWords(stream.reconnectUntil));
  return slow === undefined ? say('buffering') : say('buffering', slowWords(slow));
}

/** Says why there is nothing to play, by the status of the index's answer (0: no answer) and the API's state. */
export function viewWithoutIndex(status: number, known: KnownStream | undefined, hasGrant: boolean): View {
  if (status === 0) return say('interrupted', 'The server does not answer. Is this device online? Trying again…');
  if (status === 429) return say('interrupted', 'Too many requests from here. Trying again in a moment…');
  if (status !== 403 && status !== 404)
    return say('interrupted', `The server has a problem (${status}). Trying again…`);
  if (known?.kind === 'none') return say('unknown');
  if (known?.kind !== 'stream') return say('waiting');
  const { policy, state, reconnectUntil } = known.stream;
  if (policy === 'gated' && !hasGrant) return say('invitation');
  if (state === 'suspended') return say('suspended');
  if (state === 'reconnecting') return say('reconnecting', reconnectingWords(reconnectUntil));
  return say('waiting', state === 'live' ? 'The broadcast begins in a moment…' : STATE_WORDS.waiting);
}
