import type { SigningKey } from '../../contract/signing-keys';
import { DomainError } from '../errors';
import { base64Url, hmacSha1, keyBytes } from './hmac';

/** Inputs of a signature; `expires` in seconds since the epoch. */
export interface SignWith {
  key: SigningKey;
  expires: number;
}

/** Cloud CDN's signature of a text: HMAC-SHA1 in padded base64url. */
export const signatureOf = (text: string, key: Pick<SigningKey, 'value'>): string =>
  base64Url(hmacSha1(keyBytes(key), text));

/**
 * `url` with `Expires`, `KeyName` and `Signature`: good for exactly this URL until `expires`. `bad_request` for a URL
 * `gcloud compute sign-url` refuses, and for those it signs though Cloud CDN cannot verify them: a port (the CDN leaves
 * it out), `?` with nothing behind it, a scheme in capitals, `URLPrefix` (another kind of signature).
 * https://cloud.google.com/cdn/docs/using-signed-urls
 */
export function signUrl(url: string, { key, expires }: SignWith): string {
  const trimmed = url.trim();
  assertSignable(trimmed);
  const text = `${trimmed}${trimmed.includes('?') ? '&' : '?'}Expires=${seconds(expires)}&KeyName=${key.name}`;
  return `${text}&Signature=${signatureOf(text, key)}`;
}

/**
 * The query that lets any URL under `prefix` through until `expires`, without `?`. The order of its fields is the
 * protocol's.
 */
export function signPrefixQuery(prefix: string, { key, expires }: SignWith): string {
  return signPolicy(prefix, { key, expires }, '&');
}

/** Name of the one cookie Cloud CDN looks at. */
export const CDN_COOKIE = 'Cloud-CDN-Cookie';

/**
 * Value of `Cloud-CDN-Cookie` for all URLs under `prefix`. It must reach the browser as it is: percent-encoding breaks
 * it. https://cloud.google.com/cdn/docs/using-signed-cookies
 */
export function signCookie(prefix: string, { key, expires }: SignWith): string {
  return signPolicy(prefix, { key, expires }, ':');
}

function signPolicy(prefix: string, { key, expires }: SignWith, separator: '&' | ':'): string {
  assertPrefix(prefix);
  const fields = [`URLPrefix=${base64Url(prefix)}`, `Expires=${seconds(expires)}`, `KeyName=${key.name}`];
  const policy = fields.join(separator);
  return `${policy}${separator}Signature=${signatureOf(policy, key)}`;
}

/**
 * Makes the prefix that Cloud CDN compares a URL with: scheme, host and path, never a port. `path` should end with `/`,
 * since a prefix is plain text: `/data` covers `/database` too.
 */
export function urlPrefix(origin: string, path: string): string {
  const { protocol, hostname } = new URL(origin);
  return `${protocol}//${hostname}${path}`;
}

/** Fields of a signature, in the order they are signed. */
export const SIGNATURE_FIELDS = ['URLPrefix', 'Expires', 'KeyName', 'Signature'] as const;

function assertSignable(url: string): void {
  assertScheme(url);
  if (url.includes('#')) throw refused(url, 'it must not have a fragment');
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : undefined;
  if (query === '') throw refused(url, "it must not end with '?'");
  for (const pair of query?.split('&') ?? []) {
    const name = SIGNATURE_FIELDS.find((field) => pair === field || pair.startsWith(`${field}=`));
    if (name !== undefined) throw refused(url, `it must not have a '${name}' query parameter`);
  }
  if (/^https?:\/\/[^/?]*:\d*(?=[/?]|$)/.test(url))
    throw refused(url, 'it must not name a port: Cloud CDN verifies without it');
}

function assertPrefix(prefix: string): void {
  assertScheme(prefix);
  if (/[?#]/.test(prefix)) throw refused(prefix, 'a prefix has no query and no fragment');
  if (!/^https?:\/\/[^/:]+\//.test(prefix)) throw refused(prefix, 'a prefix is scheme, host without port, and a path');
}

function assertScheme(url: string): void {
  if (!/^https?:\/\/[^/?#]/.test(url)) throw refused(url, "it must begin with 'http://' or 'https://' and a host");
}

/** Without the query: a signature may stand in it. */
const refused = (url: string, why: string): DomainError =>
  new DomainError('bad_request', `'${url.replace(/[?#].*$/s, '').slice(0, 200)}' cannot be signed: ${why}`);

function seconds(expires: number): number {
  if (Number.isSafeInteger(expires) && expires > 0) return expires;
  throw new DomainError('bad_request', `expires: got ${expires}; use whole seconds since the epoch`);
}
