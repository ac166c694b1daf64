import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';

/** A reader that takes nothing for this long is disconnected: a working player reads all the time. */
const STALL_MS = 20_000;

/**
 * Sends `media` until one side ends, which closes the other: also a reader that left before it began, and one that
 * takes nothing for `stallMs`. Resolves then.
 */
export async function sendMedia(media: Readable, response: ServerResponse, stallMs = STALL_MS): Promise<void> {
  const end = (): void => void media.destroy();
  if (response.destroyed) return end();
  response.once('close', end);
  try {
    response.flushHeaders();
    for await (const part of media) {
      if (response.destroyed) break;
      if (!response.write(part)) await once(response, 'drain', { signal: AbortSignal.timeout(stallMs) });
    }
    response.end();
  } catch {
    response.destroy();
  } finally {
    response.off('close', end);
    end();
  }
}
