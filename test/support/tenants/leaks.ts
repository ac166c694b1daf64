import { TokenBuckets } from '../../../functions/core/limits/token-bucket';
import { type ReceiverConcurrency, receiverConcurrencyOf } from '../../../functions/core/webhooks/receiver-concurrency';
import type { Handler } from '../../../functions/http/http-handler';
import type { Clock } from '../../../functions/ports/stores';
import type { HooksClient } from '../../../srs-image/agent/runtime/ports';
import type { Rig } from '../../srs-image/agent/rig';

/** Things that tenants could share, planted at the ports: the property must see each. */
export const LEAKS = [
  'shared heartbeat',
  'shared queue',
  'shared slot',
  'shared process',
  'shared turn at the publisher',
  'shared rate at the API',
] as const;
export type Leak = (typeof LEAKS)[number];

/** Spelled here, so that nothing of the platform has to be imported for it. */
const HOSTILE_STREAM = 'tenantk000000000';

type Post = HooksClient['post'];
interface Shared {
  clock: Clock;
  rig: () => Rig;
}

/** The agent's way to srs-hooks, with the bug. */
export function leakyHooks(leak: Leak | undefined, post: Post, { clock, rig }: Shared): Post {
  switch (leak) {
    case 'shared heartbeat':
      // One tenant's report is held to be none, and the whole heartbeat is refused.
      return async (path, body) => {
        const isBad = path.endsWith('/heartbeat') && JSON.stringify(body).includes(HOSTILE_STREAM);
        return isBad ? { status: 400, body: {} } : post(path, body);
      };
    case 'shared queue': {
      // Publishers of a stream are decided one after the other, and a wrong key is slow.
      const turns = new Map<string, Promise<unknown>>();
      return async (path, body) => {
        if (!path.endsWith('/on_publish')) return post(path, body);
        const stream = `${Reflect.get(body, 'stream')}`;
        const turn = (turns.get(stream) ?? Promise.resolve()).then(async () => {
          const answer = await post(path, body);
          if (answer.status === 403) await clock.sleep(1000);
          return answer;
        });
        turns.set(
          stream,
          turn.catch(() => undefined),
        );
        return turn;
      };
    }
    case 'shared process':
      // An error in one session's work ends the agent.
      return async (path, body) => {
        if (rig().events('one_failed').length > 0) rig().agent.stop();
        return post(path, body);
      };
    default:
      return post;
  }
}

/** The places at receivers, with the bug: all of them at one, and who does not answer keeps it. */
export function leakySlots(leak: Leak | undefined, receiverConcurrency: ReceiverConcurrency): ReceiverConcurrency {
  if (leak !== 'shared slot') return receiverConcurrency;
  const ofEverybody = receiverConcurrencyOf(12, 12);
  return {
    take(id) {
      const free = ofEverybody.take('everybody');
      return free && (id.endsWith('x') ? () => undefined : free);
    },
  };
}

/** The hls-publisher, with the bug: session playlists of everybody are brought in one after the other. */
export function leakyPublisher(leak: Leak | undefined, handler: Handler): Handler {
  if (leak !== 'shared turn at the publisher') return handler;
  let turn: Promise<unknown> = Promise.resolve();
  return (request) => {
    const answer = turn.then(() => handler(request));
    turn = answer;
    return answer;
  };
}

/** The API, with the bug: one allowance for all keys, ample for those who behave. */
export function leakyApi(leak: Leak | undefined, handler: Handler, clock: Clock): Handler {
  if (leak !== 'shared rate at the API') return handler;
  const everybody = new TokenBuckets({ perMinute: 100, burst: 20 }, clock);
  return async (request) => {
    if (everybody.look('everybody').waitSeconds > 0) return new Response('{}', { status: 429 });
    everybody.take('everybody');
    return handler(request);
  };
}
