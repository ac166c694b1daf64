import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { z } from 'zod';
import type { Platform } from '../../local/command/run-start';
import { type Figure, figure } from './figures';
import { readClock, showClock } from './webrtc-clock';
import { type Exchange, type Exchanged, openPage, openWebRtcBrowser, playWhep, publishWhip } from './webrtc-page';

/**
 * SRS sends to the address that asked last, chosen or not, and a browser asks from all of its own. Of these all but one
 * hear nothing of a server on loopback, and each time two seconds of picture go there; Chromium gives them up after 15
 * s.
 */
const SETTLE_MS = 18_000;
/** Allows for a frame or two at a resize. */
const MAX_UNREADABLE = 0.02;

const Created = z.object({
  id: z.string(),
  key: z.string(),
  ingest: z.object({ whip: z.object({ url: z.string() }) }),
  playback: z.object({ whep: z.string() }),
});
const Given = z.object({
  iceServers: z.array(z.object({ urls: z.array(z.string()), username: z.string(), credential: z.string() })),
});

async function post(platform: Platform, path: string, body: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${platform.adminKey}`, 'content-type': 'application/json' };
  const answer = await fetch(`${platform.api}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (answer.status !== 201) throw new Error(`POST ${path} answered ${answer.status}`);
  return answer.json();
}

const NodeList = z.object({ nodes: z.array(z.unknown()) });

/** Waits for a node's first heartbeat: before it, the API uses no node. */
async function nodeIsHeardOf(platform: Platform): Promise<void> {
  const headers = { authorization: `Bearer ${platform.adminKey}` };
  for (const until = performance.now() + 20_000; performance.now() < until; await sleep(200)) {
    const answer = await fetch(`${platform.api}/api/v1/nodes`, { headers });
    if (NodeList.parse(await answer.json()).nodes.length > 0) return;
  }
  throw new Error('no node is heard of');
}

/** Makes a configuration with a relay only, reached over TCP. */
async function relayOverTcp(platform: Platform): Promise<RTCConfiguration> {
  const { iceServers } = Given.parse(await post(platform, '/turn-credentials', {}));
  const overTcp = iceServers.map((server) => ({
    ...server,
    urls: server.urls.filter((url) => url.endsWith('transport=tcp')),
  }));
  return { iceServers: overTcp, iceTransportPolicy: 'relay' };
}

async function connected(what: string, exchange: Promise<Exchanged>): Promise<void> {
  const { status, state, problem } = await exchange;
  if (state !== 'connected') throw new Error(`${what}: ${status} ${state} ${problem}`);
}

async function lags(
  platform: Platform,
  browser: Browser,
  { seconds, configuration }: { seconds: number; configuration: Pick<Exchange, 'configuration'> },
): Promise<number[]> {
  const { key, ingest, playback } = Created.parse(await post(platform, '/streams', { title: 'bench: WHIP to WHEP' }));
  const publisher = await openPage(browser, platform.web);
  const viewer = await openPage(browser, platform.web);
  await showClock(publisher);
  await connected('WHIP', publishWhip(publisher, { url: ingest.whip.url, bearer: key, ...configuration }));
  await connected('WHEP', playWhep(viewer, { url: playback.whep, ...configuration }));
  await sleep(SETTLE_MS);
  const seen = await readClock(viewer, seconds);
  for (const page of [publisher, viewer]) await page.context().close();
  const frames = seen.lags.length + seen.unreadable;
  if (seen.unreadable > frames * MAX_UNREADABLE)
    throw new Error(`${seen.unreadable} of ${frames} frames could not be read`);
  return seen.lags;
}

/**
 * Measures from the drawing of a frame in one page to its showing in another, by a clock in the picture: encoder, WHIP,
 * SRS, WHEP, jitter buffer and decoder of one Chromium on this machine. `turn`: through coturn over TCP too, both ways.
 */
export async function webrtcLatency(
  platform: Platform,
  { seconds, turn }: { seconds: number; turn: boolean },
): Promise<Figure[]> {
  await nodeIsHeardOf(platform);
  const browser = await openWebRtcBrowser();
  try {
    const direct = figure('WHIP to WHEP', await lags(platform, browser, { seconds, configuration: {} }));
    if (!turn) return [direct];
    const configuration = { configuration: await relayOverTcp(platform) };
    return [
      direct,
      figure('WHIP to WHEP, both through TURN over TCP', await lags(platform, browser, { seconds, configuration })),
    ];
  } finally {
    await browser.close();
  }
}
