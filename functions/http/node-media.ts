import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** A reader that takes nothing for this long is disconnected: a working player reads all the time. */
const STALL_MS = 20_000;

/**
 * Sends `media` until it ends, its reader leaves, or takes nothing for `stallMs`. Whichever side ends closes the other;
 * resolves then.
 */
export async function sendMedia(
  media: ReadableStream<Uint8Array>,
  response: ServerResponse,
  stallMs = STALL_MS,
): Promise<void> {
  const reader = media.getReader();
  const leave = (): void => void reader.cancel().catch(() => undefined);
  response.once('close', leave);
  response.flushHeaders();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || response.destroyed) break;
      if (!response.write(value)) await drained(response, stallMs);
    }
    response.end();
  } catch {
    response.destroy();
  } finally {
    response.off('close', leave);
    leave();
  }
}

/** Rejects when nothing drains in time, or the reader has left. */
async function drained(response: ServerResponse, stallMs: number): Promise<void> {
  if (response.destroyed) throw new Error('the reader has left');
  await once(response, 'drain', { signal: AbortSignal.timeout(stallMs) });
}
