import { randomBytes } from 'node:crypto';
import type { Clock, RandomId } from '../ports/stores';
import { afterAwake } from './awake-timer';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => asleep((end) => stopOf(setTimeout(end, ms)), signal),
  sleepAwake: (ms, signal) => asleep((end) => afterAwake(ms, end), signal),
};

const stopOf = (timer: NodeJS.Timeout) => () => clearTimeout(timer);

/** Until what `begin` starts calls `end`, or the signal is aborted; then that is stopped. */
function asleep(begin: (end: () => void) => () => void, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      stop();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const stop = begin(end);
    signal?.addEventListener('abort', end);
  });
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Bytes from here on would make the first letters likelier than the rest. */
const UNBIASED = 256 - (256 % ALPHABET.length);

export const randomId: RandomId = (length) => {
  let id = '';
  while (id.length < length) {
    const letters = [...randomBytes(length)]
      .filter((byte) => byte < UNBIASED)
      .map((byte) => ALPHABET[byte % ALPHABET.length]);
    id += letters.join('');
  }
  return id.slice(0, length);
};
