import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import type { Browser } from 'playwright-core';
import { createStream, publishArguments, untilItPlays } from '../../local/command/demo';
import type { Platform } from '../../local/command/run-start';
import { type Figure, figure } from './figures';
import { readClock } from './webrtc-clock';
import { openPage, openWebRtcBrowser } from './webrtc-page';

/** A player that starts late catches up by playing a little faster. */
const SETTLE_MS = 15_000;
const FIRST_PICTURE_MS = 30_000;
/** The goal for a player two segments behind, which docs/ARCHITECTURE.md sets. */
const GOAL = { sync: 2, goalP95: 7000 } as const;

async function lags(browser: Browser, url: string, seconds: number): Promise<number[]> {
  const page = await openPage(browser, new URL(url).origin);
  await page.goto(url);
  await page.waitForSelector('body[data-state=playing]', { timeout: FIRST_PICTURE_MS });
  await sleep(SETTLE_MS);
  const seen = await readClock(page, seconds);
  await page.context().close();
  return seen.lags;
}

/**
 * Measures from the drawing of a frame to its showing on the watch page, by a clock in the picture: encoder, RTMP,
 * segments, events, edge, hls.js, decoder.
 */
export async function hlsLatency(platform: Platform, seconds: number): Promise<Figure[]> {
  const stream = await createStream(new URL(platform.api), platform.adminKey, 'bench: glass to glass');
  const { server, streamKey } = stream.ingest.rtmp;
  const encoder = spawn(ffmpegPath, publishArguments(`${server}/${streamKey}`), { stdio: 'ignore' });
  const ended = once(encoder, 'exit');
  const browser = await openWebRtcBrowser();
  try {
    await untilItPlays(stream.playback.hls, FIRST_PICTURE_MS);
    const page = `${platform.web}/watch.html?id=${stream.id}`;
    const usual = figure('glass to glass by HLS', await lags(browser, page, seconds));
    const { sync, goalP95 } = GOAL;
    const near = await lags(browser, `${page}&sync=${sync}`, seconds);
    return [usual, figure(`glass to glass by HLS, ${sync} segments behind`, near, { goalP95 })];
  } finally {
    await browser.close();
    encoder.kill('SIGTERM');
    await ended;
  }
}
