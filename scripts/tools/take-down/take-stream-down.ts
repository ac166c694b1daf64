import { setTimeout as sleep } from 'node:timers/promises';
import { TakeDownAnswer } from '../../../functions/contract/api/take-downs';
import type { StreamId } from '../../../functions/contract/ids';
import { CliError } from '../google/cli-error';
import type { SmokeTarget } from '../smoke/target';

export interface TakeDownOrder {
  readonly streamId: StreamId;
  /** True: deleted, not only suspended. */
  readonly forGood: boolean;
  readonly reason: string | undefined;
}

/** The time limit of a deletion, which waits for the publisher's node. */
const ORDER_MS = 60_000;
const REQUEST_MS = 15_000;
/** A request that waits for the CDN's quota is repeated once a minute. */
const TIMEOUT_MS = 180_000;
const POLL_INTERVAL_MS = 1000;

/**
 * Takes a stream down by the API, then reports the progress until it is done. Returns false if the CDN has not
 * forgotten everything after three minutes.
 */
export async function takeStreamDown(
  target: SmokeTarget,
  order: TakeDownOrder,
  say: (line: string) => void,
): Promise<boolean> {
  const { streamId, forGood } = order;
  const began = Date.now();
  await ask(target, order);
  say(`${streamId} is ${forGood ? 'deleted' : 'suspended'}, its media is out of reach (${seconds(began)})`);
  for (let last = ''; Date.now() - began < TIMEOUT_MS; await sleep(POLL_INTERVAL_MS)) {
    const { state, invalidations } = await progress(target, streamId);
    const line = [
      state,
      ...invalidations.map(({ path, state, detail = '' }) => `  ${path} ${state} ${detail}`.trimEnd()),
    ].join('\n');
    if (line !== last) say(line);
    last = line;
    if (state !== 'done') continue;
    say(`done (${seconds(began)})`);
    return true;
  }
  say('not all of it is done: it goes on by itself, ask again for how far it is');
  return false;
}

async function ask(target: SmokeTarget, { streamId, forGood, reason }: TakeDownOrder): Promise<void> {
  const answer = forGood
    ? await request(target, 'DELETE', `/streams/${streamId}`, { timeoutMs: ORDER_MS })
    : await request(target, 'POST', `/streams/${streamId}/suspend`, {
        timeoutMs: ORDER_MS,
        body: reason ? { reason } : {},
      });
  // A stream that was deleted before: its progress is read below.
  if (answer.ok || (forGood && answer.status === 404)) return;
  throw new CliError(`the API answers ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
}

async function progress(target: SmokeTarget, streamId: StreamId): Promise<TakeDownAnswer> {
  const answer = await request(target, 'GET', `/streams/${streamId}/take-down`, { timeoutMs: REQUEST_MS });
  if (answer.ok) return TakeDownAnswer.parse(await answer.json());
  throw new CliError(`the API answers ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
}

function request(
  target: SmokeTarget,
  method: string,
  path: string,
  { body, timeoutMs }: { body?: object; timeoutMs: number },
) {
  return fetch(`${target.api}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${target.adminKey}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  });
}

const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;
