import { path as pathOf, ROUTES } from '../../../functions/contract/routes';
import type { WatchLink } from '../../stream-link';
import type { GrantKeeper } from '../grant-keeper';
import { playWithHls } from './hls-playback';
import type { HlsClass } from './load-hls';
import { playNatively } from './native-playback';
import type { Playback, PlaybackEvents } from './playback';
import { canUseWebRtc, playWithWebRtc } from './webrtc-playback';

export interface PlayerChoice {
  readonly link: WatchLink;
  readonly keeper: GrantKeeper | undefined;
  /** True if WebRTC could not connect in this broadcast. */
  readonly isWithoutWebRtc: boolean;
  /** The path for low latency; `undefined` where the stream plays in the ordinary way. */
  readonly lowPath: string | undefined;
  /** Path and query of the WHEP endpoint that the API names; `undefined` for the stream's ordinary one. */
  readonly whepPath: string | undefined;
}

/** Returns whether the page is framed by one of another origin. */
const isEmbedded = (): boolean => {
  try {
    return window.top?.location.origin !== location.origin;
  } catch {
    return true;
  }
};

/**
 * Browsers send cookies by themselves, but not from within a page of another site: there every URL carries the
 * signature.
 */
export const signing = (keeper: GrantKeeper | undefined): ((url: string) => string) | undefined =>
  keeper !== undefined && isEmbedded() ? (url) => keeper.signed(url) : undefined;

/** Returns whether the viewer wants WebRTC, and it may still connect. */
export const usesWebRtc = ({ link, isWithoutWebRtc }: Pick<PlayerChoice, 'link' | 'isWithoutWebRtc'>): boolean =>
  link.technology === 'webrtc' && canUseWebRtc() && !isWithoutWebRtc;

/**
 * Starts the player that fits the viewer's choice and this browser. `Hls`: absent where hls.js is not needed. `index`:
 * the stream's multivariant playlist.
 */
export function startPlayer(
  { Hls, video, index }: { Hls: HlsClass | undefined; video: HTMLVideoElement; index: string },
  choice: PlayerChoice,
  events: PlaybackEvents,
): Playback {
  const { link, keeper, lowPath, whepPath } = choice;
  const { indexPath, syncCount, streamId: id } = link;
  if (usesWebRtc(choice)) {
    const endpoint = { url: whepPath ?? pathOf(ROUTES.media.whep, { id }), bearer: keeper?.playToken };
    return playWithWebRtc(video, endpoint, events);
  }
  const where = lowPath === undefined ? { path: indexPath, index } : { path: lowPath, isLow: true };
  const source = { ...where, syncCount, sign: signing(keeper) };
  if (Hls?.isSupported()) return playWithHls({ Hls, video }, source, events);
  return playNatively(video, (isEmbedded() && keeper?.nativeUrl) || indexPath, events);
}
