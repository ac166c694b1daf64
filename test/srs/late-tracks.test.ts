import { missingBrowser, openBrowser } from '../support/platform/browser';
import { type FlvTag, publishOddly, testTags } from '../support/platform/odd-publisher';
import { realPart } from '../support/platform/real-part';
import { SrsPlatform, srsMissing } from '../support/platform/srs-platform';
import { eventually } from '../support/platform/viewer';

const LATE_MS = 7000;
const isHeader = ({ body }: FlvTag) => body[1] === 0;

/** Returns the time stamp of a tag, or `undefined` for one that is not sent. */
type Clock = (tag: FlvTag) => number | undefined;
const PUBLISHERS: readonly (readonly [title: string, clock: Clock])[] = [
  ['sound that was announced and comes late', (tag) => lateBy('a', tag, { withHeader: true })],
  ['sound that comes late without a word', (tag) => lateBy('a', tag, { withHeader: false })],
  ['a picture that was announced and comes late', (tag) => lateBy('v', tag, { withHeader: true })],
  ['sound alone', (tag) => (tag.kind === 'a' ? tag.ms : undefined)],
];

function lateBy(kind: 'a' | 'v', tag: FlvTag, { withHeader }: { withHeader: boolean }): number | undefined {
  if (tag.kind !== kind || tag.ms >= LATE_MS) return tag.ms;
  return isHeader(tag) && withHeader ? tag.ms : undefined;
}

/** Viewers who wait on the watch page before anybody publishes, in Chromium. */
realPart('viewers who wait for a publisher on a real SRS', srsMissing() ?? missingBrowser, () => {
  let srs: SrsPlatform;
  let tags: FlvTag[];
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  beforeAll(async () => {
    [srs, browser] = await Promise.all([SrsPlatform.start(), openBrowser()]);
    tags = await testTags(40);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await srs?.end();
  }, 60_000);

  it.each(PUBLISHERS)(
    'start at the first try with %s',
    async (title, clock) => {
      const scene = await srs.scene(title);
      const page = await browser.context.newPage();
      await page.goto(`${srs.platform.api}/watch.html?id=${scene.id}`);
      await page.waitForSelector('body[data-state=waiting]');
      const states = new Set<string>();
      const timeOf = () => page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
      const publishing = publishOddly(`${srs.platform.rtmp}/${scene.id}?key=${scene.key}`, tags, clock);
      await eventually('ten seconds of it played', 45, async () => {
        states.add((await page.getAttribute('body', 'data-state')) ?? '');
        return (await timeOf()) > 10;
      });
      expect([...states]).not.toContain('failed');
      await page.close();
      await publishing;
    },
    120_000,
  );
});
