import type { ObjectStoreServer } from '../../emulators/gcs';
import type { Tokens } from '../../emulators/metadata/tokens';
import type { EventFaults } from '../../emulators/server/event-faults';
import type { LocalService } from '../../emulators/server/local-service';
import type { FunctionBlueprint } from '../blueprint/blueprint';
import { StorageEventService } from './storage-events';

export interface StorageTriggersOptions {
  readonly functions: readonly FunctionBlueprint[];
  readonly store: ObjectStoreServer;
  readonly tokens: Tokens;
  /** Returns the URL of a function, which is also the audience of the trigger's token. */
  urlOf(name: string): string;
  readonly faults: EventFaults;
}

/** Eventarc: delivers new objects of a trigger's bucket to its function, with an ID token of the trigger's account. */
export function storageTriggers({ functions, store, tokens, urlOf, faults }: StorageTriggersOptions): LocalService {
  const events = functions.flatMap(({ name, trigger }) => {
    if (trigger === undefined) return [];
    const headers = async () => {
      const token = await tokens.issue({ email: trigger.serviceAccount, audience: urlOf(name) });
      return { authorization: `Bearer ${token}` };
    };
    return [
      new StorageEventService({
        target: new URL(urlOf(name)),
        bucket: trigger.bucket,
        headers,
        faults,
        retries: trigger.retry,
      }),
    ];
  });
  let unsubscribe: (() => void)[] = [];
  return {
    name: 'storage triggers',
    start: async () => {
      unsubscribe = events.map((one) => store.onFinalized(one.accept));
      return new URL('http://127.0.0.1');
    },
    stop: async () => {
      for (const end of unsubscribe) end();
      await Promise.all(events.map((one) => one.stop()));
    },
  };
}
