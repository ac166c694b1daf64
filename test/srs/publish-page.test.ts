import { decode } from '../support/media';
import { realPart } from '../support/real-part';
import { SrsPlatform, srsMissing } from '../support/srs-platform';
import { eventually, statusOf } from '../support/viewer';

realPart('the page to publish, on a real SRS', srsMissing(), () => {
  let srs: SrsPlatform;
  beforeAll(async () => {
    srs = await SrsPlatform.start();
  }, 180_000);
  afterAll(() => srs?.end(), 60_000);

  it('puts a camera on air, and takes it off', async () => {
    const { id, key, playback } = await srs.scene('from a browser');
    const page = await srs.page();
    await page.goto(`${srs.platform.web}/publish.html`);
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
  }, 120_000);
});
