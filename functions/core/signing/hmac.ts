import { createHmac } from 'node:crypto';

/** URL-safe base64 (RFC 4648, 5) with its padding: `=` belongs to Cloud CDN's signatures, and Node leaves it out. */
export const base64Url = (bytes: string | Uint8Array): string =>
  Buffer.from(bytes).toString('base64').replaceAll('+', '-').replaceAll('/', '_');

/** The text in padded URL-safe base64; `undefined` for anything that is not exactly what `base64Url` writes. */
export function fromBase64Url(encoded: string): string | undefined {
  const text = Buffer.from(encoded, 'base64url').toString('utf8');
  return base64Url(text) === encoded ? text : undefined;
}

/** HMAC-SHA1, as Cloud CDN and coturn have it. */
export const hmacSha1 = (key: string | Uint8Array, text: string): Buffer =>
  createHmac('sha1', key).update(text, 'utf8').digest();

/**
 * Password of a TURN user under coturn's `use-auth-secret`: HMAC-SHA1 in standard base64. `username` is
 * `<expiry>:<user>`, the expiry in seconds since the epoch.
 * https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00
 */
export const turnPassword = (username: string, secret: string): string => hmacSha1(secret, username).toString('base64');

export const hmacSha256 = (key: string | Uint8Array, text: string): Buffer =>
  createHmac('sha256', key).update(text, 'utf8').digest();

/** Derives a secret for one purpose, in hex. It reveals nothing about the secret it was derived from. */
export const derivedSecret = (secret: string, purpose: string): string => hmacSha256(secret, purpose).toString('hex');

/** The 16 bytes of a signing key's `value`. */
export const keyBytes = ({ value }: { readonly value: string }): Buffer => Buffer.from(value, 'base64url');
