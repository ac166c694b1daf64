import type { Cloudfunctions2FunctionEventTrigger } from '@cdktf/provider-google/lib/cloudfunctions2-function';
import type { Deployment } from '../../names';
import { knownAccount } from './identity';

/** Last part of the name of the account that delivers storage events; `bootstrap` made it, with its grants. */
export const TRIGGER = 'trigger';

/**
 * Calls a function for each new object in `bucketName`, by Eventarc, at least once and in any order. `caller` needs the
 * right to call the function. `location`: the bucket's, which a trigger has to share. A function that writes into the
 * bucket would call itself for ever.
 */
export function storageTrigger(place: Deployment, bucketName: string, location: string = place.region) {
  const caller = knownAccount(place, TRIGGER);
  const eventTrigger: Cloudfunctions2FunctionEventTrigger = {
    triggerRegion: location,
    eventType: 'google.cloud.storage.object.v1.finalized',
    eventFilters: [{ attribute: 'bucket', value: bucketName }],
    serviceAccountEmail: caller.email,
    retryPolicy: 'RETRY_POLICY_RETRY',
  };
  return { caller, eventTrigger };
}
