import { z } from 'zod';
import type { Platform } from '../../scripts/local/command/run-start';

const Listing = z.object({
  items: z.array(z.object({ name: z.string(), timeCreated: z.iso.datetime(), size: z.coerce.number() })).default([]),
  nextPageToken: z.string().optional(),
});

/**
 * Returns when each segment of a stream's one session came to the delivery bucket, by its number; from the store
 * itself, in milliseconds.
 */
export async function storedSegments(platform: Platform, streamId: string): Promise<Map<number, number>> {
  const at = new Map<number, number>();
  for (let token = ''; ; ) {
    const query = new URLSearchParams({ prefix: `open/s/${streamId}/`, ...(token && { pageToken: token }) });
    const answer = await fetch(`${platform.storage}/storage/v1/b/${platform.buckets.open}/o?${query}`);
    const { items, nextPageToken } = Listing.parse(await answer.json());
    for (const { name, timeCreated } of items) at.set(Number(/(\d+)\.ts$/.exec(name)?.[1]), Date.parse(timeCreated));
    if (nextPageToken === undefined) return at;
    token = nextPageToken;
  }
}
