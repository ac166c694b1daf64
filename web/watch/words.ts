/** What the page is doing, for the viewer and (as `data-state`) for tests. */
export type WatchState =
  | 'starting'
  | 'waiting'
  | 'playing'
  | 'buffering'
  | 'blocked'
  | 'interrupted'
  | 'ended'
  | 'refused'
  | 'failed';

/** One sentence a viewer understands. */
export const STATE_WORDS: Readonly<Record<WatchState, string>> = {
  starting: 'Starting…',
  waiting: 'This stream is not on air yet. It starts here by itself as soon as it is.',
  playing: 'Live',
  buffering: 'Waiting for more of the stream…',
  blocked: 'Your browser wants a click first: press play.',
  interrupted: 'The connection was interrupted. Trying again…',
  ended: 'This broadcast is over. If there is a next one, it starts here by itself.',
  refused: 'Your access to this stream is over. Ask whoever sent you the link for a new one.',
  failed: 'This cannot be played.',
};

export const NO_STREAM = 'This link is not complete: it names no stream, or was cut off. Ask whoever sent it for a new one.';
export const NOT_SUPPORTED = 'This browser cannot play live video. A current Chrome, Edge, Firefox or Safari can.';
export const NOT_DECODABLE = 'This browser cannot decode the stream. The broadcaster should send H.264 video and AAC sound.';

/** Why a grant was not renewed, by the status of the answer. */
export function whyRefused(status: number): string {
  if (status === 403) return 'This stream may not be watched on this page.';
  if (status === 409) return 'This stream is suspended for now. Try again later.';
  return STATE_WORDS.refused;
}

/** Why the index cannot be read just now, by the status it was answered with; 0: no answer at all. */
export function whyNoIndex(status: number): { state: WatchState; words: string } {
  if (status === 0) return { state: 'interrupted', words: 'The server does not answer. Is this device online? Trying again…' };
  if (status === 403 || status === 404) return { state: 'waiting', words: STATE_WORDS.waiting };
  if (status === 429) return { state: 'interrupted', words: 'Too many requests from here. Trying again in a moment…' };
  return { state: 'interrupted', words: `The server has a problem (${status}). Trying again…` };
}

/** Seconds for people: `4.2 s`, or a dash while there is nothing to say. */
export const seconds = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? '–' : `${value.toFixed(1)} s`;
