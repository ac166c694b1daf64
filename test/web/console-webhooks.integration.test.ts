import { missingBrowser, openBrowser } from '../support/platform/browser';
import { builtPages } from '../support/platform/built-pages';
import { realPart } from '../support/platform/real-part';

const TIME = '2026-11-20T10:00:00.000Z';
const idOf = (index: number): string => `wh_${String(index).padStart(16, '0')}`;
const webhooks = Array.from({ length: 200 }, (_, index) => ({
  id: idOf(index),
  url: `https://customer.example/${index}`,
  types: [],
  streams: [],
  enabled: true,
  createdAt: TIME,
}));
const delivery = {
  eventId: 'evt_5f0c9a1be27d4c8893ab61f2d0e47a15',
  type: 'stream.ended',
  state: 'dead',
  createdAt: TIME,
  attempts: [{ at: TIME, latencyMs: 120, failure: 'timeout' }],
  event: {
    type: 'stream.ended',
    id: 'evt_5f0c9a1be27d4c8893ab61f2d0e47a15',
    version: 1,
    occurredAt: TIME,
    streamId: 'abcdefgh01234567',
    data: { broadcastId: 'b1-abcdefgh' },
  },
};

realPart('200 webhooks in the console', missingBrowser, () => {
  const asked: string[] = [];
  const pages = builtPages((pathname, response) => {
    if (!pathname.startsWith('/api/v1/webhooks')) return false;
    asked.push(pathname.replace('/api/v1/webhooks', ''));
    const answer = pathname.endsWith('/deliveries') ? { deliveries: [delivery] } : { webhooks };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    return true;
  });
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let web: string;
  beforeAll(async () => {
    web = await pages.start();
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await pages.stop();
  }, 30_000);

  it('are one request, and one more for the deliveries of the one that is open', async () => {
    const page = await browser.context.newPage();
    await page.goto(`${web}/style.css`);
    await page.evaluate(() => sessionStorage.setItem('admin-key', 'a-key'));
    await page.goto(`${web}/console.html#webhooks`);
    await page.waitForSelector('#view h3');
    expect(await page.locator('#view h3').count()).toBe(200);
    expect(asked.filter((path) => path.endsWith('/deliveries'))).toEqual([]);
    await page.getByRole('button', { name: 'Show deliveries to https://customer.example/7', exact: true }).click();
    await page.waitForSelector('#view li');
    expect(await page.locator('#view li').count()).toBe(1);
    expect(asked.filter((path) => path.endsWith('/deliveries'))).toEqual([`/${idOf(7)}/deliveries`]);
    const open = page.getByRole('button', { name: 'Hide deliveries to https://customer.example/7' });
    expect(await open.getAttribute('aria-expanded')).toBe('true');
    await page.waitForFunction(
      (first) =>
        performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/deliveries')).length > first,
      1,
      { timeout: 60_000 },
    );
    expect(new Set(asked.filter((path) => path.endsWith('/deliveries')))).toEqual(new Set([`/${idOf(7)}/deliveries`]));
    await page.close();
  }, 120_000);
});
