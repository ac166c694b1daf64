import { StreamKey } from '../contract/ids';
import type { RandomId } from '../ports/stores';

const KEY_LENGTH = 32;
/** A draw of 64 letters gives 57 of the alphabet on average: one is nearly always enough. */
const MAX_DRAWS = 16;

/** A new stream key: `sk_` and 32 of a-z, 2-7, each letter equally likely (160 bits). */
export function mintStreamKey(randomId: RandomId): StreamKey {
  let letters = '';
  for (let draw = 0; letters.length < KEY_LENGTH; draw += 1) {
    if (draw === MAX_DRAWS) throw new Error('the random source gives too few characters of a-z, 2-7');
    letters += randomId(2 * KEY_LENGTH).replace(/[^a-z2-7]/g, '');
  }
  return `sk_${letters.slice(0, KEY_LENGTH)}`;
}

/**
 * The stream key in a hook's `param`: the value of the first `key` that is well-formed, `undefined` when there is none.
 * SRS hands over what the client sent, undecoded. RTMP: `?key=..`, doubled (`?key=..?key=..`) when the query stood in
 * the app; SRT: `key=..&..`, sorted, without `?`; WHIP: the whole query, `app=..&stream=..&key=..` (captured from
 * 5.0.216 and 6.0.157).
 */
export function streamKeyOf(param: string): StreamKey | undefined {
  const values = param.split(/[?&]/).flatMap((part) => (part.startsWith('key=') ? [part.slice('key='.length)] : []));
  return values.find((value) => StreamKey.safeParse(value).success);
}

/** Patterns of the platform's secrets, each with the part that stays. The visible prefix of an API key stays. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/sk_[a-z2-7]{32}/gi, 'sk_***'],
  [/(slk_[a-z0-9]{8})_[a-z0-9]{32}/gi, '$1_***'],
  [/sle_[a-z0-9]{32}/gi, 'sle_***'],
  [/(sl[pvr])_[a-z0-9]{16}_[0-9]{10,11}_[0-9a-f]{40}/gi, '$1_***'],
  [/slc_[a-z0-9]{40}/gi, 'slc_***'],
  [/slt_[a-z0-9]{16}_[a-z0-9]{16}_[0-9]{10,11}_[vm]_[0-9a-f]{40}_[\w-]{1,220}/gi, 'slt_***'],
  [/Signature=[\w-]{20,}={0,2}/gi, 'Signature=***'],
];

/**
 * `text` without stream keys, API keys, tokens, content secrets and signatures: for messages that repeat what a client
 * sent, and for logs.
 */
export const withoutKeys = (text: string): string =>
  SECRETS.reduce((clean, [secret, left]) => clean.replace(secret, left), text).replace(DOTTED, withoutJwt);

/** Text that can contain a JWT. Each character is looked at once, because the sender of the text chose its length. */
const DOTTED = /[\w.-]+/g;
/** `{"` in base64, and as much more as the shortest header. RFC 7515, 3.3 */
const JWT_HEADER = /eyJ[\w-]{8}/;

/** `eyJ…`, a dot, something, a dot, and what follows are one JWT. */
function withoutJwt(text: string): string {
  const parts = text.split('.');
  const clean: string[] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at] ?? '';
    const start = parts[at + 2] === undefined || parts[at + 1] === '' ? -1 : part.search(JWT_HEADER);
    clean.push(start < 0 ? part : `${part.slice(0, start)}eyJ***`);
    if (start >= 0) at += 2;
  }
  return clean.join('.');
}
