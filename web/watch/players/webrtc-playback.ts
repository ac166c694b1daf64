import { Connection } from '../../sdk/connection';
import type { Endpoint } from '../../sdk/offer';
import type { Playback, PlaybackEvents } from './playback';

/** A connection that shows no picture for this long has failed. */
const FIRST_PICTURE_MS = 10_000;
/** The frames are counted this often. */
const COUNT_EVERY_MS = 250;

/** Tells whether this browser has WebRTC. */
export const canUseWebRtc = (): boolean => typeof RTCPeerConnection !== 'undefined';

/** Plays by WHEP, which is always live: there is nothing to follow, seek or spare. */
export function playWithWebRtc(video: HTMLVideoElement, endpoint: Endpoint, events: PlaybackEvents): Playback {
  const connection = new Connection({ receive: ['video', 'audio'] }, {});
  video.srcObject = connection.media;
  let isStopped = false;
  let frames = 0;
  let movedAt: number | undefined;
  const count = async () => {
    while (!isStopped) {
      const now = (await connection.sample()).frames ?? 0;
      if (now > frames) movedAt = performance.now();
      frames = now;
      await new Promise((resolve) => setTimeout(resolve, COUNT_EVERY_MS));
    }
  };
  const run = async () => {
    await connection.open(endpoint);
    if (!(await connection.hasPicture(FIRST_PICTURE_MS))) return;
    // Without counts the page waits for the browser to give the connection up.
    void count().catch(() => undefined);
    await connection.lost();
  };
  const over = () => isStopped || events.failed();
  run().then(over, over);
  return {
    way: () => 'webrtc',
    latencySeconds: () => undefined,
    livePosition: () => undefined,
    follow: () => undefined,
    spare: () => undefined,
    rates: () => undefined,
    frozenMs: () => (movedAt === undefined ? 0 : performance.now() - movedAt),
    stop: () => {
      isStopped = true;
      video.srcObject = null;
      void connection.end();
    },
  };
}
