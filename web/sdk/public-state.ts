const STATES = ['idle', 'live', 'reconnecting', 'ended', 'suspended'] as const;
/** State of a stream as the API gives it to anyone; `unknown` without an answer. */
export type PublicState = (typeof STATES)[number] | 'unknown';

/** Asks once, and never rejects: a network that fails is `unknown`. */
export async function readState(
  server: string,
  id: string,
  send: typeof fetch = fetch.bind(globalThis),
): Promise<PublicState> {
  try {
    const answer = await send(`${server}/api/v1/streams/${encodeURIComponent(id)}/public`, { cache: 'no-store' });
    const body: unknown = await answer.json();
    const state: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'state') : undefined;
    return STATES.find((known) => known === state) ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
