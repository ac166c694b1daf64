import type { Page } from 'playwright-core';
import { readClock } from '../../scripts/tools/bench/webrtc-clock';
import { inState, slowNetworkSuite, type Watched, watchPageSuite } from '../suites/watch-page';
import { openBrowser } from '../support/platform/browser';
import { type Encoder, publishPattern } from '../support/platform/encoder';
import { realPart } from '../support/platform/real-part';
import { srsMissing } from '../support/platform/srs-platform';
import { createStream, eventually, livePlaylist } from '../support/platform/viewer';
import { type ScannedPlatform, startScanned } from '../support/secrets/scanned-platform';

const WINDOW = 120;
/** The oldest picture whose clock is read: the window, and what is behind it at the worst. */
const OLDEST_MS = (WINDOW + 60) * 1000;

/** Returns when the picture that the page shows was made, in seconds since the epoch. */
async function pictureTime(page: Page): Promise<number> {
  const { lags } = await readClock(page, 1, OLDEST_MS);
  const now = Date.now();
  const last = lags.at(-1);
  if (last === undefined) throw new Error('no picture with a clock');
  return (now - last) / 1000;
}

realPart('the watch page of the whole platform, on a real SRS', srsMissing(), () => {
  let platform: ScannedPlatform;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let encoder: Encoder;
  let address: string;
  let page: Page;

  beforeAll(async () => {
    platform = await startScanned(['--no-demo']);
    const { id, ingest, playback } = await createStream(platform, { title: 'a clock', dvrWindowSeconds: WINDOW });
    encoder = publishPattern(`${ingest.rtmp.server}/${ingest.rtmp.streamKey}`);
    browser = await openBrowser();
    address = `${platform.web}/watch.html?id=${id}`;
    await eventually('its playlist', 30, () => livePlaylist(playback.hls));
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await encoder?.stop();
    await platform?.end('SIGTERM');
  }, 60_000);

  beforeEach(async () => {
    page = await browser.context.newPage();
    await page.goto(address);
    await inState(page, 'playing');
  }, 60_000);
  afterEach(() => page.close());

  const watched = (): Watched => ({
    page,
    context: browser.context,
    web: platform.web,
    picture: pictureTime,
  });
  watchPageSuite(watched);
  // The pattern takes some 0.7 Mbit/s, its densest segment up to 0.9.
  slowNetworkSuite(watched, /^0\.[6-9]/);
});
