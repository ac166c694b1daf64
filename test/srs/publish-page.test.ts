import { openBrowser } from '../support/browser';
import { decode } from '../support/media';
import { realPart } from '../support/real-part';
import { SrsPlatform, srsMissing } from '../support/srs-platform';
import { eventually, statusOf } from '../support/viewer';

/** A picture and a tone in the place of a camera and a microphone; nothing that touches how a browser finds its way. */
const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

realPart('the page to publish, on a real SRS', srsMissing(), () => {
  let srs: SrsPlatform;
  beforeAll(async () => {
    srs = await SrsPlatform.start();
  }, 180_000);
  afterAll(() => srs?.end(), 60_000);

  /** `permissions`: with a camera allowed Chromium sends from the machine's own addresses, else it hides them. */
  async function publishPage(permissions: readonly string[]) {
    const browser = await openBrowser(CAMERA);
    srs.ending(() => browser.close());
    await browser.context.grantPermissions([...permissions], { origin: srs.platform.web });
    const page = await browser.context.newPage();
    await page.goto(`${srs.platform.web}/publish.html`);
    return page;
  }

  it.each([
    ['a camera that is allowed', ['camera', 'microphone']],
    ['addresses that the browser hides', ['clipboard-read']],
  ])(
    'is on air, with %s, and off it',
    async (_name, permissions) => {
      const { id, key, playback } = await srs.scene('from a browser');
      const page = await publishPage(permissions);
      await page.fill('#stream-key', `${id}?key=${key}`);
      await page.click('#start');
      await page.waitForSelector('body[data-state=live]', { timeout: 20_000 });
      await eventually('an index', 40, async () => (await fetch(playback.hls)).ok);
      // In its first seconds a browser is still finding out how much it may send.
      await eventually('15 frames and a second of sound in each second', 40, async () => {
        const { frames, audioSeconds } = await decode(playback.hls, 4);
        return frames >= 60 && audioSeconds > 3;
      });
      await page.click('#stop');
      await eventually('not live any more', 20, async () => (await statusOf(srs.platform, id)) !== 'live');
      await srs.rest();
    },
    120_000,
  );
});
