/** The state of the page, for the viewer and (as `data-state`) for tests. */
export type WatchState =
  | 'starting'
  | 'waiting'
  | 'unknown'
  | 'invitation'
  | 'suspended'
  | 'playing'
  | 'behind'
  | 'paused'
  | 'buffering'
  | 'reconnecting'
  | 'offline'
  | 'blocked'
  | 'interrupted'
  | 'ended'
  | 'refused'
  | 'failed';

/** One sentence for the viewer, by state. */
export const STATE_WORDS: Readonly<Record<WatchState, string>> = {
  starting: 'Starting…',
  waiting: 'This stream is not on air yet. It starts here by itself as soon as it is.',
  unknown:
    'There is no such stream. It may have been deleted, or the link is not complete: ask the person who sent it.',
  invitation: 'This stream needs an invitation. Open the link you were given, or ask the broadcaster for one.',
  suspended: 'This stream is suspended for now. It starts here by itself once it is not.',
  playing: 'Live',
  behind: 'Playing, behind live.',
  paused: 'Paused.',
  buffering: 'Waiting for more of the stream…',
  reconnecting: 'The broadcaster lost the connection. Waiting for it to come back…',
  offline: 'This device is offline.',
  blocked: 'Your browser does not start video by itself. Press play.',
  interrupted: 'The connection was interrupted. Trying again…',
  ended: 'This broadcast is over. If there is a next one, it starts here by itself.',
  refused: 'Your access to this stream is over. Ask the person who sent you the link for a new one.',
  failed: 'This stream cannot be played.',
};

export const WITHOUT_LOW_LATENCY =
  'Live, a few seconds later than usual: the server for low latency does not answer. Trying it again…';
/** Says why WebRTC was not taken, in the words of the API. */
export const withoutWebRtcWords = (reason: string): string => `Live, not by WebRTC: ${reason}.`;
export const NO_STREAM = 'This link is incomplete. Ask the person who sent it for a new one.';
export const NOT_SUPPORTED = 'This browser cannot play live video. A current Chrome, Edge, Firefox or Safari can.';
export const NOT_DECODABLE =
  'This browser cannot decode the stream. The broadcaster should send H.264 video and AAC sound. ' +
  'Looking again every few seconds…';

export const NOT_DECRYPTABLE =
  'This browser cannot decrypt the stream. A current Chrome, Edge or Firefox can. Looking again every few seconds…';

/** Returns the words for a grant that was not renewed, by the status of the answer. */
export function whyRefused(status: number): string {
  if (status === 403) return 'This stream may not be watched on this page.';
  return STATE_WORDS.refused;
}

/** Says how far behind live the viewer is, from `least` seconds on. */
export const behindWords = (what: string, behindSeconds: number, least: number): string =>
  behindSeconds >= least ? `${what}, ${behindSeconds.toFixed(0)} s behind live.` : `${what}.`;

/** Says until when the broadcaster may come back, in the viewer's own time. `until`: RFC 3339. */
export const reconnectingWords = (until: string | undefined): string =>
  until === undefined
    ? STATE_WORDS.reconnecting
    : 'The broadcaster lost the connection. Waiting until ' +
      `${new Date(until).toLocaleTimeString([], { timeStyle: 'medium' })}.`;

export const offlineWords = (isPlaying: boolean): string =>
  isPlaying
    ? 'This device is offline. The loaded part keeps playing, and the rest follows when the network is back.'
    : 'This device is offline. Playback continues when the network is back.';

const megabits = (bits: number): string => (bits / 1e6).toFixed(2).replace(/0$/, '');

/** Says what the connection gives and what the stream needs; bits a second. */
export const slowWords = ({ has, needs }: { has: number; needs: number }): string =>
  has < needs
    ? `Your connection gives about ${megabits(has)} Mbit/s, this stream needs ${megabits(needs)}.`
    : 'Your connection is unsteady, so the player keeps a larger buffer.';

/** Writes seconds for people: `4.2 s`, or a dash while there is no value. */
export const seconds = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? '–' : `${value.toFixed(1)} s`;
