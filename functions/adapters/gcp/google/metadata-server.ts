import { z } from 'zod';
import type { Clock } from '../../../ports/stores';
import { abortedAfter } from '../../awake-timer';

const TIMEOUT_MS = 1000;
/** A token that ends on the way would be refused. The server itself renews them five minutes before. */
const RENEW_BEFORE_MS = 60_000;

export interface MetadataValue {
  text: string;
  /** Changes with the value; the server answers a question that names it once that is so. */
  etag: string;
}

/**
 * Asks the metadata server of the VM or of Cloud Run for what lies at `path`, such as `instance/id`. Rejects when it
 * answers anything but 200. https://cloud.google.com/compute/docs/metadata/querying-metadata
 */
export type Metadata = (
  path: string,
  options?: { query?: Readonly<Record<string, string>>; timeoutMs?: number; signal?: AbortSignal },
) => Promise<MetadataValue>;

export function metadataServer(metadataUrl: string): Metadata {
  return async (path, { query = {}, timeoutMs = TIMEOUT_MS, signal } = {}) => {
    const url = new URL(`/computeMetadata/v1/${path}`, metadataUrl);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return abortedAfter(timeoutMs, async (late) => {
      const answer = await fetch(url, {
        headers: { 'Metadata-Flavor': 'Google' },
        signal: signal === undefined ? late : AbortSignal.any([late, signal]),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`the metadata server answered ${answer.status} to the question for ${path}`);
      return { text: text.trim(), etag: answer.headers.get('etag') ?? '' };
    });
  };
}

const Token = z.object({ access_token: z.string().min(1), expires_in: z.number() });

/** OAuth access tokens of the VM's account, each kept until shortly before its end. */
export function metadataAccessTokens(metadata: Metadata, clock: Pick<Clock, 'now'>): () => Promise<string> {
  let kept: { token: string; endsAt: number } | undefined;
  return async () => {
    if (kept !== undefined && clock.now() < kept.endsAt - RENEW_BEFORE_MS) return kept.token;
    const { text } = await metadata('instance/service-accounts/default/token');
    const { access_token: token, expires_in: seconds } = Token.parse(JSON.parse(text));
    kept = { token, endsAt: clock.now() + seconds * 1000 };
    return token;
  };
}
