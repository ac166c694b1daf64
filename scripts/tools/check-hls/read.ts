import { CliError } from '../google/cli-error';

/** Answer of a server to one GET. `text` is empty and `bytes` counted where the body is media. */
export interface Answer {
  readonly status: number;
  /** URL of the answer after redirects: relative URIs are resolved against it. */
  readonly url: string;
  readonly contentType: string;
  readonly text: string;
  readonly bytes: number;
}

/** Reads one URL. `kind` says whether the body is kept as text or only counted. Rejects when no whole answer comes. */
export type HlsReader = (url: string, kind: 'playlist' | 'media') => Promise<Answer>;

/** Longer than any player waits for an answer. */
const REQUEST_MS = 15_000;
/** A playlist of 24 h in segments of 2 s with dates is 4 MB. */
const PLAYLIST_BYTES = 16 << 20;
const MEDIA_BYTES = 512 << 20;

/** Rejects a URL that is neither http nor https: a playlist may name any URL, and a check must not open files. */
function webUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed;
  throw new CliError(`url '${url}': use an address that begins with http:// or https://`);
}

/**
 * Makes a reader that sends `headers` with each request to the host of `first`, and to no other: they may hold a
 * viewer's cookie. `timeoutMs`: the time after which an incomplete answer is given up.
 */
export function reader(first: string, headers: Readonly<Record<string, string>>, timeoutMs = REQUEST_MS): HlsReader {
  const home = webUrl(first).origin;
  return async (url, kind) => {
    const target = webUrl(url);
    const response = await fetch(target, {
      headers: target.origin === home ? headers : {},
      signal: AbortSignal.timeout(timeoutMs),
    });
    const read = await bodyOf(response, kind);
    return {
      status: response.status,
      url: response.url,
      contentType: response.headers.get('content-type') ?? '',
      ...read,
    };
  };
}

async function bodyOf(response: Response, kind: 'playlist' | 'media'): Promise<Pick<Answer, 'text' | 'bytes'>> {
  const most = kind === 'playlist' ? PLAYLIST_BYTES : MEDIA_BYTES;
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > most) throw new Error(`the answer is longer than ${most} bytes`);
    if (kind === 'playlist') kept.push(piece);
  }
  return { text: Buffer.concat(kept).toString('utf8'), bytes };
}
