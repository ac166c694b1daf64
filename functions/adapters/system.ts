import { randomBytes } from 'node:crypto';
import type { Clock, RandomId } from '../ports/stores';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal?.addEventListener('abort', end);
    }),
};

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Bytes from here on would make the first letters likelier than the rest. */
const UNBIASED = 256 - (256 % ALPHABET.length);

export const randomId: RandomId = (length) => {
  let id = '';
  while (id.length < length) {
    const letters = [...randomBytes(length)].filter((byte) => byte < UNBIASED).map((byte) => ALPHABET[byte % ALPHABET.length]);
    id += letters.join('');
  }
  return id.slice(0, length);
};
