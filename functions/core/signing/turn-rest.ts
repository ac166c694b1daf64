import { hmacSha1 } from './hmac';

/**
 * Password of a TURN user under coturn's `use-auth-secret`: HMAC-SHA1 in standard base64. `username` is
 * `<expiry>:<user>`, the expiry in seconds since the epoch.
 * https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00
 */
export const turnPassword = (username: string, secret: string): string => hmacSha1(secret, username).toString('base64');
