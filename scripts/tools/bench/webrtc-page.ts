import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

/** A Chromium with a simulated camera: the WHIP and WHEP of browsers. */
const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const chromiumPath = CANDIDATES.find((path) => existsSync(path));

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  // Media goes from 127.0.0.1 to 127.0.0.1.
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  // Only one of the two pages can be in front.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

/** `executablePath`: a program that starts Chromium, if not Chromium itself. */
export async function openWebRtcBrowser(executablePath = chromiumPath): Promise<Browser> {
  if (executablePath === undefined) throw new Error('no Chromium installed');
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

/** Opens a page of the platform's own origin, which may use the camera. */
export async function openPage(browser: Browser, origin: string): Promise<Page> {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] });
  const page = await context.newPage();
  await page.goto(`${origin}/`);
  return page;
}

export interface Exchange {
  /** Endpoint of WHIP or WHEP. */
  url: string;
  /** Stream key or play token. */
  bearer?: string | undefined;
  /** The settings of the peer connection: ICE servers, `iceTransportPolicy`. */
  configuration?: RTCConfiguration;
}

/** `problem`: the answer to an offer that was refused. */
export interface Exchanged {
  status: number;
  problem: string;
  location: string;
  link: string;
  state: string;
}

interface Connected extends Window {
  /** The media that is published in place of the camera. */
  source?: MediaStream;
  pc?: RTCPeerConnection;
  video?: HTMLVideoElement;
}

/**
 * Publishes camera and microphone, or the page's `source`, in H.264 and Opus; resolves once connected, refused, or
 * after 10 s.
 */
export async function publishWhip(page: Page, given: Exchange): Promise<Exchanged> {
  await page.evaluate(async ({ configuration }) => {
    const view: Connected = window;
    const camera = { video: { width: 640, height: 360 }, audio: true };
    const stream = view.source ?? (await navigator.mediaDevices.getUserMedia(camera));
    view.pc = new RTCPeerConnection(configuration);
    for (const track of stream.getTracks()) {
      const transceiver = view.pc.addTransceiver(track, { direction: 'sendonly' });
      const h264 = RTCRtpSender.getCapabilities('video')?.codecs.filter(({ mimeType }) => mimeType === 'video/H264');
      if (track.kind === 'video' && h264) transceiver.setCodecPreferences(h264);
    }
  }, given);
  return exchange(page, given);
}

/** Plays into a video element of the page. */
export async function playWhep(page: Page, given: Exchange): Promise<Exchanged> {
  await page.evaluate(({ configuration }) => {
    const view: Connected = window;
    const pc = new RTCPeerConnection(configuration);
    const video = document.createElement('video');
    video.muted = true;
    video.autoplay = true;
    view.pc = pc;
    view.video = video;
    document.body.append(video);
    const media = new MediaStream();
    video.srcObject = media;
    pc.ontrack = ({ track }) => media.addTrack(track);
    pc.addTransceiver('video', { direction: 'recvonly' });
    pc.addTransceiver('audio', { direction: 'recvonly' });
  }, given);
  return exchange(page, given);
}

/** Exchanges offer and answer of the page's connection, over HTTP (RFC 9725). */
const exchange = (page: Page, given: Exchange): Promise<Exchanged> =>
  page.evaluate(async ({ url, bearer }) => {
    const { pc }: Connected = window;
    if (pc === undefined) throw new Error('no connection was made');
    await pc.setLocalDescription();
    const headers = { 'content-type': 'application/sdp', ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) };
    const answer = await fetch(url, { method: 'POST', headers, body: pc.localDescription?.sdp ?? '' });
    const text = await answer.text();
    const said = {
      status: answer.status,
      location: answer.headers.get('location') ?? '',
      link: answer.headers.get('link') ?? '',
    };
    if (answer.status !== 201) return { ...said, problem: text, state: 'none' };
    await pc.setRemoteDescription({ type: 'answer', sdp: text });
    const deadline = performance.now() + 10_000;
    while (pc.connectionState !== 'connected' && performance.now() < deadline)
      await new Promise((r) => setTimeout(r, 20));
    return { ...said, problem: '', state: pc.connectionState };
  }, given);
