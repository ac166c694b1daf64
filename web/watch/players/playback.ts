import type { TimedMetadata } from '../../sdk/timed-metadata';

/** Events that a player sends to the page. Any of them ends it, but for timed metadata. */
export interface PlaybackEvents {
  /** The media could not be played; another start may succeed. `no_key_system`: this browser cannot decrypt it. */
  failed(why?: 'no_key_system'): void;
  /** Playlists or segments can no longer be loaded. */
  lost(status: number): void;
  ended(): void;
  /** The picture reached timed metadata. */
  metadata(metadata: TimedMetadata): void;
}

/** The ways to play; `low-latency`: HLS in parts, from the node. */
export type PlayingWay = 'low-latency' | 'hls' | 'webrtc';

/** A rendition by its name for viewers, such as `720p`. */
export interface ListedRendition {
  readonly level: number;
  readonly name: string;
}

export interface RenditionChoice {
  /** Lists the renditions, the best first; less than two while there is no choice. */
  list(): readonly ListedRendition[];
  /** Plays this rendition from the next segment on; `undefined`: the one that suits the network. */
  choose(level: number | undefined): void;
}

/** A player that is playing. Positions in seconds of the media element's clock, rates in bits a second. */
export interface Playback {
  /** Returns the way by which the media comes now: a player may change it by itself. */
  way(): PlayingWay;
  /** Seconds since the picture that is shown was made; `undefined` while unknown. */
  latencySeconds(): number | undefined;
  /** Returns the position of a player that follows the broadcast; `undefined` while unknown. */
  livePosition(): number | undefined;
  /**
   * True: follows the broadcast, catches up, and jumps when it is far behind. False: stays where the viewer has put it.
   */
  follow(on: boolean): void;
  /** True: plays no faster than 1.0 and further behind, for a slow network. */
  spare(on: boolean): void;
  /** The renditions that a viewer can choose among; absent where the player has no choice. */
  readonly renditions?: RenditionChoice;
  /** Returns the latest rate of the network, and the rate that the stream needs; `undefined` while unknown. */
  rates(): { readonly has: number; readonly needs: number } | undefined;
  /**
   * Returns the milliseconds for which no frame was decoded, where the element's own clock runs on without frames, as
   * that of WebRTC does; absent where that clock stands with the picture.
   */
  frozenMs?(): number;
  stop(): void;
}

/**
 * The media to play, the distance from the newest, and, where cookies are not sent, the signature of each URL at the
 * moment of its request. `isLow`: the path is one of low latency, whose playlist names the distance.
 */
export interface PlaybackSource {
  readonly path: string;
  readonly isLow?: boolean;
  readonly syncCount: number;
  /** The text at `path`, where it is known. */
  readonly index?: string | undefined;
  readonly sign?: ((url: string) => string) | undefined;
}

/** Seconds since `date`; `undefined` for none. */
export const sinceDate = (date: Date | null | undefined): number | undefined => {
  const ms = date?.getTime();
  return ms === undefined || Number.isNaN(ms) ? undefined : (Date.now() - ms) / 1000;
};

const CODECS = /[,:]CODECS="([^"]*)"/g;

/**
 * Returns whether the browser says that it can play no variant of this multivariant playlist; false where no codecs are
 * named.
 */
export function cannotDecode(index: string, isTypeSupported: (type: string) => boolean): boolean {
  const named = [...index.matchAll(CODECS)].map(([, codecs = '']) => codecs);
  return named.length > 0 && named.every((codecs) => !isTypeSupported(`video/mp4; codecs="${codecs}"`));
}
