import { z } from 'zod';
import { StreamWithKey } from '../../../functions/contract/api/streams';
import type { SmokeTarget } from './target';

const Stream = StreamWithKey.pick({ id: true, status: true, ingest: true, playback: true });
/** The fields of a created stream that the steps use. */
export interface SmokeStream extends Pick<StreamWithKey, 'id' | 'status'> {
  readonly ingest: Pick<StreamWithKey['ingest'], 'rtmp'>;
  readonly playback: Pick<StreamWithKey['playback'], 'hls'>;
}

const Grant = z.object({
  cookies: z.array(z.object({ name: z.string(), value: z.string(), path: z.string() })),
});

/** An answer, read whole. */
export interface Served {
  readonly status: number;
  readonly text: string;
  readonly bytes: number;
  readonly headers: Headers;
}

/** A request that takes longer than this has failed, so that the run goes on. */
const REQUEST_MS = 15_000;

export async function get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Served> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(REQUEST_MS) });
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, text: body.toString('utf8'), bytes: body.length, headers: response.headers };
}

/** The public API, as a customer's program uses it. */
export class SmokeClient {
  constructor(readonly target: SmokeTarget) {}

  async create(title: string, policy: 'open' | 'gated'): Promise<SmokeStream> {
    const body = { title, policy, recording: true, reconnectWindowSeconds: 5 };
    return Stream.parse(await this.json('POST', '/streams', body, 201));
  }

  async status(id: string): Promise<string> {
    return z.object({ status: z.string() }).parse(await this.json('GET', `/streams/${id}`, undefined, 200)).status;
  }

  /** Returns the `Cookie` header of a new grant, for URLs below `path`. */
  async cookie(id: string, path: string): Promise<string> {
    const { cookies } = Grant.parse(await this.json('POST', `/streams/${id}/grants`, {}, 201));
    return cookies
      .filter((cookie) => path.startsWith(cookie.path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  async remove(id: string): Promise<void> {
    await this.request('DELETE', `/streams/${id}`);
  }

  private async json(method: string, path: string, body: unknown, wanted: number): Promise<unknown> {
    const response = await this.request(method, path, body);
    const text = await response.text();
    if (response.status === wanted) return JSON.parse(text);
    throw new Error(`${method} /api/v1${path} answers ${response.status}: ${text.slice(0, 300)}`);
  }

  private request(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.target.api}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.target.adminKey}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
  }
}
