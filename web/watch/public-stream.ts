import { PublicStream } from '../../functions/contract/public-stream';
import { ROUTES } from '../../functions/contract/routes';
import type { StreamId } from '../../functions/contract/words';

/** What the API says of the stream to anybody: the stream, that there is none, or nothing that can be used. */
export type Known = { readonly kind: 'stream'; readonly stream: PublicStream } | { readonly kind: 'none' | 'silent' };

/** Asks once. A network that fails is an answer too. */
export async function readPublicStream(
  id: StreamId,
  signal: AbortSignal,
  send: typeof fetch = fetch.bind(window),
): Promise<Known> {
  try {
    const answer = await send(ROUTES.api.public.replace('{id}', id), { signal });
    if (answer.status === 404) return { kind: 'none' };
    const read = PublicStream.safeParse(await answer.json());
    return answer.ok && read.success ? { kind: 'stream', stream: read.data } : { kind: 'silent' };
  } catch {
    return { kind: 'silent' };
  }
}
