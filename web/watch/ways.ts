import { type PlaybackWay, WaysToPlay, type WayToPlay } from '../../functions/contract/api/playback';
import type { StreamId } from '../../functions/contract/ids';
import { path, ROUTES } from '../../functions/contract/routes';

/** Waiting longer for an answer about a better way would keep the viewer from a good one. */
const ANSWER_MS = 3000;

/** Asks the API for one way to watch a stream now; `undefined` when no answer can be used. */
export async function readWay(
  { id, way }: { readonly id: StreamId; readonly way: PlaybackWay },
  signal: AbortSignal,
  send: typeof fetch = fetch.bind(window),
): Promise<WayToPlay | undefined> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    const answer = await send(path(ROUTES.api.playback, { id }), { signal: limit });
    const read = WaysToPlay.safeParse(await answer.json());
    return answer.ok && read.success ? read.data.ways.find((each) => each.way === way) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Finds the path by which a stream plays with low latency now: the API says that the way is open, and its playlist is
 * there. `undefined` where it does not.
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
