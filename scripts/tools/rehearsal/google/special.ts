import type { Call, GoogleReply } from './call';
import { ACCESS } from './special-access';
import { COMPUTE } from './special-compute';
import { DATA } from './special-data';
import { FUNCTIONS } from './special-functions';
import { PLACES } from './special-places';
import type { World } from './world';

const ALL = [...PLACES, ...ACCESS, ...COMPUTE, ...DATA, ...FUNCTIONS];

/** Answers a special request; `undefined` for any other. */
export function specialAnswer(call: Call, world: World): GoogleReply | undefined {
  const said = `${call.verb || call.method} ${call.path}`;
  return ALL.find((one) => (one.service === '*' || one.service === call.service) && one.said.test(said))?.answer(
    call,
    world,
  );
}
