import type { Page } from 'playwright-core';

/** The page of `scripts/tools/bench/webrtc-page`. */
interface Connected extends Window {
  pc?: RTCPeerConnection;
}

/** Frames the page has decoded, or encoded, since it connected. */
export const framesOf = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const view: Connected = window;
    const reports = [...((await view.pc?.getStats()) ?? new Map()).values()];
    const video = reports.find(
      ({ type, kind }) => kind === 'video' && (type === 'inbound-rtp' || type === 'outbound-rtp'),
    );
    return Number(video?.framesDecoded ?? video?.framesEncoded ?? 0);
  });

/** Ends the connection as a closed tab does. */
export const hangUp = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const view: Connected = window;
    view.pc?.close();
  });
