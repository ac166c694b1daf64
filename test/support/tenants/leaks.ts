import type { ReceiverConcurrency } from '../../../functions/core/webhooks/receiver-concurrency';
import type { Clock } from '../../../functions/ports/stores';
import type { HooksClient } from '../../../srs-image/agent/runtime/ports';
import type { Rig } from '../../srs-image/agent/rig';

/** What tenants could share, planted at the ports: the property must see each. */
export const LEAKS = ['shared heartbeat', 'shared queue', 'shared slot', 'shared process'] as const;
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
      // What one session's work throws ends the agent.
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
  return {
    take(id) {
      const free = receiverConcurrency.take('everybody');
      return free && (id.endsWith('x') ? () => undefined : free);
    },
  };
}
