import { within } from '../../../functions/app/deadline';
import type { Clock } from '../../../functions/ports/stores';
import type { HooksClient, SrsApi } from './ports';

/** Longer than the clients' own limits: these end a wait whose work never settles, whatever the reason. */
const SRS_LIMIT_MS = 2500;
/** One try, with the ID token before it. */
const HOOKS_LIMIT_MS = 3000;

/** Bounds every wait for `srs`. The caller continues after the limit; a late kick still takes effect. */
export function boundedSrs(srs: SrsApi, clock: Clock): SrsApi {
  const limit = { clock, limitMs: SRS_LIMIT_MS, what: 'SRS' };
  return {
    streams: () => within(limit, srs.streams()),
    players: () => within(limit, srs.players()),
    kick: (clientId) => within(limit, srs.kick(clientId)),
  };
}

/** Bounds every wait for `hooks`. */
export function boundedHooks(hooks: HooksClient, clock: Clock): HooksClient {
  const limit = { clock, limitMs: HOOKS_LIMIT_MS, what: 'srs-hooks' };
  return { post: (path, body) => within(limit, hooks.post(path, body)) };
}
