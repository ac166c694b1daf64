import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import type { Browser } from 'playwright-core';
import { createStream, publishArguments, untilItPlays } from '../../local/command/demo';
import type { Platform } from '../../local/command/run-start';
import { type Figure, figure } from './figures';
import { openWebRtcBrowser } from './webrtc-page';

const LIMIT_MS = 60_000;

/** Networks as Chromium's own tools slow them; 1.6 Mbit/s with 150 ms is what they call slow 4G. */
const NETWORKS = [
  { name: 'unthrottled', bitsPerSecond: undefined, latency: 0 },
  { name: '1.6 Mbit/s', bitsPerSecond: 1_600_000, latency: 150 },
  { name: '500 kbit/s', bitsPerSecond: 500_000, latency: 100 },
] as const;

interface Opened {
  firstPictureMs: number;
  /** Bytes on the network until then, as compressed. */
  bytes: number;
  stalls: number;
}

/** Opens a page with an empty cache, and watches it for `seconds` after its first picture. */
async function open(
  browser: Browser,
  url: string,
  { network, seconds }: { network: (typeof NETWORKS)[number]; seconds: number },
): Promise<Opened> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    let bytes = 0;
    cdp.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await cdp.send('Network.enable');
    const throughput = network.bitsPerSecond === undefined ? -1 : network.bitsPerSecond / 8;
    await cdp.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: network.latency,
      downloadThroughput: throughput,
      uploadThroughput: throughput,
    });
    const from = performance.now();
    await page.goto(url, { waitUntil: 'commit', timeout: LIMIT_MS });
    await page.waitForFunction(
      () => (document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 0,
      undefined,
      { polling: 'raf', timeout: LIMIT_MS },
    );
    const opened = { firstPictureMs: performance.now() - from, bytes };
    const stallsAtFirst = Number(await page.getAttribute('body', 'data-stalls'));
    await sleep(seconds * 1000);
    return { ...opened, stalls: Number(await page.getAttribute('body', 'data-stalls')) - stallsAtFirst };
  } finally {
    await context.close();
  }
}

/** From opening the watch page to its first picture, with an empty cache, and the stalls of a minute after it. */
export async function firstPicture(platform: Platform, seconds = 60): Promise<Figure[]> {
  const stream = await createStream(new URL(platform.api), platform.adminKey, 'bench: first picture');
  const { server, streamKey } = stream.ingest.rtmp;
  const encoder = spawn(ffmpegPath, publishArguments(`${server}/${streamKey}`), { stdio: 'ignore' });
  const ended = once(encoder, 'exit');
  const browser = await openWebRtcBrowser();
  const figures: Figure[] = [];
  try {
    await untilItPlays(stream.playback.hls, LIMIT_MS);
    // A playlist with fewer segments than a player stays behind begins late, on any network.
    await sleep(8000);
    const url = `${platform.web}/watch.html?id=${stream.id}`;
    for (const network of NETWORKS) {
      const { firstPictureMs, bytes, stalls } = await open(browser, url, { network, seconds });
      const modelled =
        `${Math.round(bytes / 1000)} kB until then, ${stalls} stalls in ${seconds} s after it, ` +
        'by a network that Chromium slows';
      figures.push(figure(`first picture, ${network.name}`, [firstPictureMs], { modelled }));
    }
    return figures;
  } finally {
    await browser.close();
    encoder.kill('SIGTERM');
    await ended;
  }
}
