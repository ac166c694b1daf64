import * as z from 'zod/mini';
import type { PublicStream } from '../../functions/contract/api/public-stream';
import type { StreamId } from '../../functions/contract/ids';
import { path, ROUTES } from '../../functions/contract/routes';

const NotFound = z.object({ code: z.literal('stream_not_found') });
/** The fields of the contract; the contract's own schema brings all of zod into the page. */
const Known: z.ZodMiniType<PublicStream> = z.object({
  id: z.string(),
  title: z.optional(z.string()),
  policy: z.enum(['open', 'gated']),
  state: z.enum(['idle', 'live', 'reconnecting', 'ended', 'suspended']),
  latency: z.optional(z.literal('low')),
  chat: z.optional(z.literal(true)),
  reconnectUntil: z.optional(z.string()),
});

/** The API's answer about the stream: its state, that it does not exist, or no answer that can be used. */
export type KnownStream =
  | { readonly kind: 'stream'; readonly stream: PublicStream }
  | { readonly kind: 'none' | 'silent' };

/** Asks once. A network error is an answer too. */
export async function readPublicStream(
  id: StreamId,
  signal: AbortSignal,
  send: typeof fetch = fetch.bind(window),
): Promise<KnownStream> {
  try {
    const answer = await send(path(ROUTES.api.public, { id }), { signal });
    const body: unknown = await answer.json();
    // A 404 counts from this API only, and not from a proxy or a host without the API.
    if (answer.status === 404 && NotFound.safeParse(body).success) return { kind: 'none' };
    const read = Known.safeParse(body);
    return answer.ok && read.success ? { kind: 'stream', stream: read.data } : { kind: 'silent' };
  } catch {
    return { kind: 'silent' };
  }
}
