import { StreamKey } from '../contract/words';
import type { RandomId } from './ports';

const KEY_LENGTH = 32;
/** A draw of 64 letters gives 57 of the alphabet on average: one is nearly always enough. */
const MAX_DRAWS = 16;

/** A new stream key: `sk_` and 32 of a-z, 2-7, each letter equally likely (160 bits). */
export function mintStreamKey(randomId: RandomId): StreamKey {
  let letters = '';
  for (let draw = 0; letters.length < KEY_LENGTH; draw += 1) {
    if (draw === MAX_DRAWS) throw new Error('the random source gives hardly any of a-z, 2-7');
    letters += randomId(2 * KEY_LENGTH).replace(/[^a-z2-7]/g, '');
  }
  return `sk_${letters.slice(0, KEY_LENGTH)}`;
}

/**
 * The stream key in a hook's `param`: the value of the first `key` that is well-formed, `undefined` when there is none.
 * SRS hands over what the client sent, undecoded. RTMP: `?key=..`, doubled (`?key=..?key=..`) when the query stood in the app;
 * SRT: `key=..&..`, sorted, without `?`; WHIP: the whole query, `app=..&stream=..&key=..` (captured from 5.0.216 and 6.0.157).
 */
export function streamKeyOf(param: string): StreamKey | undefined {
  const values = param.split(/[?&]/).flatMap((part) => (part.startsWith('key=') ? [part.slice('key='.length)] : []));
  return values.find((value) => StreamKey.safeParse(value).success);
}

/** `text` without any stream key in it: for messages that repeat what a client sent. */
export const withoutKeys = (text: string): string => text.replace(/sk_[a-z2-7]{32}/gi, 'sk_***');
