import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const chromiumPath = CANDIDATES.find((path) => existsSync(path));
/** The reason why the browser tests cannot run; `undefined` if they can. */
export const missingBrowser = chromiumPath === undefined ? 'no Chromium installed' : undefined;

/**
 * A browser with an empty profile of its own, and further flags of its program, that asks nobody but the pages it is
 * sent to. `program`: starts Chromium, if it is not Chromium itself.
 */
export async function openBrowser(
  flags: readonly string[] = [],
  program = chromiumPath,
): Promise<{ context: BrowserContext; close: () => Promise<void> }> {
  const profile = mkdtempSync(join(tmpdir(), 'srs-live-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    ...(program === undefined ? {} : { executablePath: program }),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      ...flags,
    ],
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
