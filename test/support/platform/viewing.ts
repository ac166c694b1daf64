import { spawn } from 'node:child_process';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import type { Browser } from 'playwright-core';
import { GrantAnswer } from '../../../functions/contract/grants';
import { openPage, playWhep } from '../../../scripts/tools/bench/webrtc-page';
import type { SmokeTarget } from '../../../scripts/tools/smoke/target';
import { evidence } from '../secrets/evidence';
import { framesOf } from '../webrtc-frames';
import { type CreatedStream, callApi, urisOf } from './viewer';

/** A viewer that was let in, or was not. Times in milliseconds since the epoch. */
export interface Viewing {
  /** Returns whether all of the media comes now. */
  playing(): Promise<boolean>;
  /** Since when nothing of it comes any more; `undefined` while some of it does. */
  overSince(): Promise<number | undefined>;
  /** Returns the complaint of its player. */
  complaint?: () => string;
  close(): Promise<unknown>;
}

/** The links of a viewer. `browser`: for WHEP. `recording`: the URL of a recording. */
export interface Viewer {
  platform: SmokeTarget & { web: string };
  stream: CreatedStream;
  grant?: GrantAnswer | undefined;
  recording?: string | undefined;
  browser?: Browser | undefined;
}

export async function grantFor(platform: SmokeTarget, id: string, body: object = {}): Promise<GrantAnswer> {
  const answer = await callApi(platform, `/streams/${id}/grants`, { method: 'POST', body: JSON.stringify(body) });
  return GrantAnswer.parse(await answer.json());
}

/** Cookies of a grant, as a browser sends them to this path. */
const cookiesOf = ({ cookies }: GrantAnswer, url: string): string =>
  cookies
    .filter(({ path }) => new URL(url).pathname.startsWith(path))
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ');

/** One URL as a viewer with this grant asks for it; `cache`: `HIT` if the edge had it. */
export async function fetched(url: string, grant?: GrantAnswer) {
  const answer = await fetch(url, grant === undefined ? {} : { headers: { cookie: cookiesOf(grant, url) } });
  const text = await answer.text();
  // Nothing is left at the end: the scanner sees what viewers saw.
  if (text.startsWith('#EXTM3U')) evidence.see('playlist', url, text);
  return { status: answer.status, cache: answer.headers.get('x-cache'), text };
}

/** Every URL a player comes by: the playlist, what it lists, and the first segment. */
export async function urlsFrom(playlist: string, grant?: GrantAnswer): Promise<string[]> {
  const { status, text } = await fetched(playlist, grant);
  const [first] = status === 200 ? urisOf(text) : [];
  if (first === undefined) return [playlist];
  const next = new URL(first, playlist).href;
  return next.includes('.m3u8') ? [playlist, ...(await urlsFrom(next, grant))] : [playlist, next];
}

export const statusesOf = (urls: readonly string[], grant?: GrantAnswer): Promise<number[]> =>
  Promise.all(urls.map(async (url) => (await fetched(url, grant)).status));
/** Not there, or not for this viewer; 409: the stream is suspended. */
const REFUSED = [401, 403, 404, 409, 410];
export const isDead = (statuses: readonly number[]): boolean => statuses.every((status) => REFUSED.includes(status));

/** By HLS: the playlist, what it lists and the first segment, fetched once, so that they are cached. */
export async function watchHls(playlist: string, grant?: GrantAnswer): Promise<Viewing & { urls: readonly string[] }> {
  const urls = await urlsFrom(playlist, grant);
  const asked = () => statusesOf(urls, grant);
  return {
    urls,
    playing: async () => urls.length === 3 && (await asked()).every((status) => status === 200),
    overSince: async () => (isDead(await asked()) ? Date.now() : undefined),
    close: async () => undefined,
  };
}

/** A stream of bytes that still comes as long as its last ones are younger than this; a browser's frames too. */
const STILL_MS = 3000;

/** Counts as over only once it has ended: bytes may be late. */
function byBytes(close: () => unknown) {
  let [lastAt, endedAt]: (number | undefined)[] = [];
  return {
    came() {
      lastAt = Date.now();
    },
    ended() {
      endedAt ??= Date.now();
    },
    viewing: {
      playing: async () => endedAt === undefined && lastAt !== undefined && Date.now() - lastAt < STILL_MS,
      overSince: async () => endedAt,
      close: async () => close(),
    } satisfies Viewing,
  };
}

/** By HTTP-FLV; `status`: what the request was answered. */
export async function watchFlv({ platform, stream, grant }: Viewer): Promise<Viewing & { status: number }> {
  const query = grant === undefined ? '' : `?token=${grant.playToken}`;
  const cut = new AbortController();
  const { viewing, came, ended } = byBytes(() => cut.abort());
  const answer = await fetch(`${platform.api}/live/${stream.id}.flv${query}`, { signal: cut.signal });
  const read = async () => {
    if (answer.status !== 200 || answer.body === null) return;
    for await (const _ of answer.body) came();
  };
  void read().then(ended, ended);
  return { ...viewing, status: answer.status };
}

/** By RTMP, as ffmpeg does. */
export async function watchRtmp({ stream, grant }: Viewer): Promise<Viewing> {
  const query = grant === undefined ? '' : `?token=${grant.playToken}`;
  const url = `${stream.ingest.rtmp.server}/${stream.id}${query}`;
  const child = spawn(ffmpegPath, ['-nostdin', '-loglevel', 'error', '-i', url, '-c', 'copy', '-f', 'flv', 'pipe:1']);
  const { viewing, came, ended } = byBytes(() => child.kill('SIGKILL'));
  child.stdout.on('data', came);
  child.once('close', ended);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return { ...viewing, complaint: () => said.replaceAll(/token=\S+/g, 'token=…') };
}

/** By WebRTC, in a page of its own. */
export async function watchWhep({ platform, stream, grant, browser }: Viewer): Promise<Viewing & { status: number }> {
  if (browser === undefined) throw new Error('WHEP needs a browser');
  const page = await openPage(browser, platform.web);
  const { status } = await playWhep(page, { url: stream.playback.whep, bearer: grant?.playToken });
  let frames = 0;
  let changedAt = Date.now();
  const look = async () => {
    const now = await framesOf(page);
    if (now !== frames) [frames, changedAt] = [now, Date.now()];
  };
  const isStill = () => Date.now() - changedAt > STILL_MS;
  return {
    status,
    async playing() {
      await look();
      return frames > 0 && !isStill();
    },
    async overSince() {
      await look();
      return status !== 201 || isStill() ? changedAt : undefined;
    },
    close: () => page.context().close(),
  };
}

/** One way to play. `byNode`: from a node itself, which the built-in origin does not serve. */
export interface Way {
  readonly name: string;
  readonly policy: 'open' | 'gated';
  readonly byNode: boolean;
  /** The time when open connections end: with the viewing session, or (`signature`) with the newest signature. */
  readonly until: 'session' | 'signature';
  open(viewer: Viewer): Promise<Viewing>;
}

const HLS = {
  byNode: false,
  until: 'signature',
  open: ({ stream, grant }) => watchHls(stream.playback.hls, grant),
} as const satisfies Partial<Way>;
const RECORDED = {
  byNode: false,
  until: 'signature',
  open: ({ recording = '', grant }) => watchHls(recording, grant),
} as const satisfies Partial<Way>;
const NATIVE: Way = {
  name: 'native playlist',
  policy: 'gated',
  byNode: false,
  until: 'session',
  open: ({ grant }) => watchHls(grant?.playback.native ?? ''),
};
const NODE = { byNode: true, until: 'session' } as const;

/** Every way there is. */
export const WAYS: readonly Way[] = [
  { name: 'HLS, open', policy: 'open', ...HLS },
  { name: 'recording, open', policy: 'open', ...RECORDED },
  { name: 'FLV, open', policy: 'open', ...NODE, open: watchFlv },
  { name: 'RTMP, open', policy: 'open', ...NODE, open: watchRtmp },
  { name: 'WHEP, open', policy: 'open', ...NODE, open: watchWhep },
  { name: 'HLS, gated', policy: 'gated', ...HLS },
  NATIVE,
  { name: 'recording, gated', policy: 'gated', ...RECORDED },
  { name: 'FLV, gated', policy: 'gated', ...NODE, open: watchFlv },
  { name: 'RTMP, gated', policy: 'gated', ...NODE, open: watchRtmp },
  { name: 'WHEP, gated', policy: 'gated', ...NODE, open: watchWhep },
];
