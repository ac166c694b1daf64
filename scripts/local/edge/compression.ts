import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';

/**
 * Types that are compressed here: those of the pages. Cloud CDN compresses playlists and JSON too:
 * https://cloud.google.com/cdn/docs/dynamic-compression
 */
const COMPRESSED = /^(text\/(html|css|javascript)|application\/javascript)\b/;
/** Cloud CDN leaves smaller objects as they are. */
const LEAST_BYTES = 1024;

/** By the bytes that the cache holds: what is asked for again is not compressed again. */
const known = new WeakMap<Buffer, Buffer>();

interface Compressible {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** Returns the answer by gzip, if its client takes that and its type is one of text; else as it is. */
export function compressed<Answer extends Compressible>(request: IncomingMessage, answer: Answer): Answer {
  const { status, headers, body } = answer;
  const isText = COMPRESSED.test(headers['content-type'] ?? '');
  if (status !== 200 || body === undefined || body.length < LEAST_BYTES || !isText) return answer;
  const vary = { vary: headers.vary === undefined ? 'Accept-Encoding' : `${headers.vary}, Accept-Encoding` };
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? '')))
    return { ...answer, headers: { ...headers, ...vary } };
  const zipped = known.get(body) ?? gzipSync(body);
  known.set(body, zipped);
  const etag = headers.etag === undefined ? {} : { etag: `W/${headers.etag.replace(/^W\//, '')}` };
  return { ...answer, headers: { ...headers, ...vary, ...etag, 'content-encoding': 'gzip' }, body: zipped };
}
