import { path, ROUTES } from '../../functions/contract/routes';
import { ViewingBeacon } from './viewing-beacon';

const NAME_BYTES = 16;
const MAX_SECONDS = 3600;

/** Makes the beacon of a page: it posts to the API of this host, also while the page is being closed. */
export function sendBeacons(id: string, playToken: () => string | undefined): ViewingBeacon {
  const url = path(ROUTES.api.beacons, { id });
  return new ViewingBeacon({
    now: () => performance.now(),
    random: Math.random,
    name: randomName,
    async send(beacon) {
      const body = JSON.stringify({ ...beacon, playToken: playToken() });
      const headers = { 'Content-Type': 'application/json' };
      try {
        const answer = await fetch(url, { method: 'POST', keepalive: true, headers, body });
        const told: unknown = answer.ok ? await answer.json() : undefined;
        return nextOf(told);
      } catch {
        return undefined;
      }
    },
  });
}

const randomName = (): string =>
  [...crypto.getRandomValues(new Uint8Array(NAME_BYTES))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Takes the values of the service, within bounds. */
function nextOf(told: unknown): { nextSeconds: number } | undefined {
  const nextSeconds: unknown =
    typeof told === 'object' && told !== null && 'nextSeconds' in told ? told.nextSeconds : undefined;
  return typeof nextSeconds === 'number' && nextSeconds > 0
    ? { nextSeconds: Math.min(nextSeconds, MAX_SECONDS) }
    : undefined;
}
