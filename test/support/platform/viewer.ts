import { z } from 'zod';
import { StreamWithKey } from '../../../functions/contract/api/streams';
import type { SmokeTarget } from '../../../scripts/tools/smoke/target';
import { evidence, learnFrom } from '../secrets/evidence';

const CreatedStream = StreamWithKey.pick({ id: true, key: true, status: true, ingest: true, playback: true });
export type CreatedStream = z.infer<typeof CreatedStream>;

/** The API as a developer with the admin key uses it. */
export async function callApi(platform: SmokeTarget, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${platform.adminKey}`, 'content-type': 'application/json', ...init.headers };
  const answer = await fetch(`${platform.api}/api/v1${path}`, { ...init, headers });
  learnFrom(await answer.clone().text());
  return answer;
}

export async function createStream(
  platform: SmokeTarget,
  body: Readonly<Record<string, unknown>>,
): Promise<CreatedStream> {
  const response = await callApi(platform, '/streams', { method: 'POST', body: JSON.stringify(body) });
  if (response.status !== 201) throw new Error(`create answered ${response.status}: ${await response.text()}`);
  return CreatedStream.parse(await response.json());
}

export async function statusOf(platform: SmokeTarget, id: string): Promise<string> {
  const response = await callApi(platform, `/streams/${id}`);
  return z.object({ status: z.string() }).parse(await response.json()).status;
}

/** A playlist as a viewer gets it. */
export interface Served {
  url: string;
  text: string;
  headers: Headers;
}

export async function get(url: string): Promise<Served | undefined> {
  const response = await fetch(url);
  const text = await response.text();
  evidence.see('playlist', url, text);
  return response.status === 200 ? { url: response.url, text, headers: response.headers } : undefined;
}

export const urisOf = (text: string): string[] =>
  text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
export const tagOf = (text: string, name: string): number =>
  Number(new RegExp(`^#${name}:(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);

/** The first variant of what the index lists now. */
export async function livePlaylist(hls: string): Promise<Served | undefined> {
  const index = await get(hls);
  const [variant] = index === undefined ? [] : urisOf(index.text);
  return variant === undefined ? undefined : get(new URL(variant, hls).href);
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until there is an answer; the error says what was waited for, a function of it at the end of the wait. */
export async function eventually<T>(
  what: string | (() => string),
  seconds: number,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline)
      throw new Error(`${typeof what === 'string' ? what : what()}: not within ${seconds} s`);
    await pause(200);
  }
}
