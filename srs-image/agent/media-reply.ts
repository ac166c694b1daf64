import type { ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';

/** A reader that takes nothing for so long gets no more: a player that is there reads all the time. */
const STALL_MS = 20_000;

/**
 * Sends `media` until one side ends, which closes the other: also a reader that left before it began, and one that takes nothing for
 * `stallMs`, twice that at most.
 */
export function sendMedia(media: Readable, response: ServerResponse, stallMs = STALL_MS): void {
  if (response.destroyed) return void media.destroy();
  response.flushHeaders();
  let isWaiting = false;
  const timer = setInterval(() => {
    if (isWaiting && response.writableNeedDrain) response.destroy();
    isWaiting = response.writableNeedDrain;
  }, stallMs);
  response.on('drain', () => {
    isWaiting = false;
  });
  pipeline(media, response, () => clearInterval(timer));
}
