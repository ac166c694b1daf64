import * as z from 'zod/mini';
import type { PlaybackWay, WaysToPlay, WayToPlay } from '../../functions/contract/api/playback';
import type { StreamId } from '../../functions/contract/ids';
import { path, ROUTES } from '../../functions/contract/routes';

const way = z.enum(['webrtc', 'flv', 'low_latency_hls', 'hls']);
const OpenWay = z.object({
  way,
  open: z.literal(true),
  url: z.url(),
  latencySeconds: z.number(),
  edge: z.optional(z.string()),
});
const ClosedWay = z.object({
  way,
  open: z.literal(false),
  code: z.enum([
    'not_live',
    'never_published',
    'suspended',
    'grant_needed',
    'not_offered',
    'codec',
    'b_frames',
    'no_video',
    'no_room',
  ]),
  reason: z.string(),
});
/** The fields of the contract; the contract's own schema brings all of zod into the page. */
const Ways: z.ZodMiniType<Pick<WaysToPlay, 'ways'>> = z.object({
  ways: z.array(z.discriminatedUnion('open', [OpenWay, ClosedWay])),
});

/** A viewer does not wait longer than this for the chance of a better way. */
const ANSWER_MS = 3000;

/**
 * Asks the API for one way to watch a stream now; `undefined` when no answer can be used. `edge`: the one that plays
 * already.
 */
export async function readWay(
  { id, way, edge }: { readonly id: StreamId; readonly way: PlaybackWay; readonly edge?: string | undefined },
  signal: AbortSignal,
  send: typeof fetch = fetch.bind(window),
): Promise<WayToPlay | undefined> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    const query = edge === undefined ? '' : `?edge=${encodeURIComponent(edge)}`;
    const answer = await send(`${path(ROUTES.api.playback, { id })}${query}`, { signal: limit });
    const read = Ways.safeParse(await answer.json());
    return answer.ok && read.success ? read.data.ways.find((each) => each.way === way) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Finds the path by which a stream plays with low latency now: the API says that the way is open, and its playlist is
 * there. Else `undefined`.
 */
export async function findLowLatency(
  id: StreamId,
  signal: AbortSignal,
  send: typeof fetch = fetch.bind(window),
): Promise<string | undefined> {
  const found = await readWay({ id, way: 'low_latency_hls' }, signal, send);
  if (found?.open !== true) return undefined;
  const { pathname } = new URL(found.url);
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    return (await send(pathname, { signal: limit })).ok ? pathname : undefined;
  } catch {
    return undefined;
  }
}
