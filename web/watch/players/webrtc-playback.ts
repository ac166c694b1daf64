import { Connection } from '../../sdk/connection';
import type { Endpoint } from '../../sdk/offer';
import type { Playback, PlaybackEvents } from './playback';

/** A connection that shows no picture for this long has failed. */
const FIRST_PICTURE_MS = 10_000;

/** Tells whether this browser has WebRTC. */
export const canUseWebRtc = (): boolean => typeof RTCPeerConnection !== 'undefined';

/** Plays by WHEP, which is always live: there is nothing to follow, seek or spare. */
export function playWithWebRtc(video: HTMLVideoElement, endpoint: Endpoint, events: PlaybackEvents): Playback {
  const connection = new Connection({ receive: ['video', 'audio'] }, {});
  video.srcObject = connection.media;
  const run = async () => {
    await connection.open(endpoint);
    if (await connection.hasPicture(FIRST_PICTURE_MS)) await connection.lost();
  };
  let isStopped = false;
  const over = () => isStopped || events.failed();
  run().then(over, over);
  return {
    way: () => 'webrtc',
    latencySeconds: () => undefined,
    livePosition: () => undefined,
    follow: () => undefined,
    spare: () => undefined,
    rates: () => undefined,
    stop: () => {
      isStopped = true;
      video.srcObject = null;
      void connection.end();
    },
  };
}
