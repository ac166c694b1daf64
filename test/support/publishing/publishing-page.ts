import type { BrowserContext, Page } from 'playwright-core';
import { chromiumPath, openBrowser } from '../platform/browser';
import type { SrsPlatform } from '../platform/srs-platform';

/** A picture and a tone in the place of a camera and a microphone; nothing that touches how a browser finds its way. */
const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
/** Promised are 5 s: what a machine with more to do may take. */
const ON_AIR_MS = 10_000;

/**
 * Opens a browser for the page to publish. `permissions`: with a camera allowed Chromium sends from the machine's own
 * addresses, else it hides them. It is closed when the platform rests.
 */
export async function publishingBrowser(
  srs: SrsPlatform,
  permissions: readonly string[] = ['camera', 'microphone'],
  program = chromiumPath,
): Promise<BrowserContext> {
  const browser = await openBrowser(CAMERA, program);
  srs.ending(() => browser.close());
  await browser.context.grantPermissions([...permissions], { origin: srs.platform.web });
  return browser.context;
}

/** Publishes from a page until it is on air; prints how long that took from the click. */
export async function goLive(page: Page, srs: SrsPlatform, streamKey: string): Promise<void> {
  await page.goto(`${srs.platform.web}/publish.html`);
  await page.fill('#stream-key', streamKey);
  const clicked = Date.now();
  await page.click('#start');
  await page.waitForSelector('body[data-state=live]', { timeout: ON_AIR_MS });
  printSeconds('on air', clicked);
}

/** Prints the seconds since `since`. */
export const printSeconds = (what: string, since: number): boolean =>
  process.stdout.write(`  ${what} after ${(Date.now() - since) / 1000} s\n`);
