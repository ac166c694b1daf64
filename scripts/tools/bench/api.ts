import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { StreamWithKey } from '../../../functions/contract/api/streams';
import type { FunctionName } from '../../../functions/contract/env/functions';
import { path, ROUTES } from '../../../functions/contract/routes';
import { type Caller, caller } from './caller';
import { type Running, startFunction, startStandIns } from './child';
import { type Figure, figure } from './figures';
import { ADMIN_KEY } from './function-env';
import { FIRESTORE_EMULATOR, startEmulator } from './google-emulator';
import { type Pace, paced } from './paced';

const Created = StreamWithKey.pick({ id: true, ingest: true });
type Created = z.infer<typeof Created>;

/** The number of streams that exist before the load begins. */
const STREAMS = 60;
const API_PACE: Pace = { perSecond: 50, seconds: 40 };
const HOOK_PACE: Pace = { perSecond: 20, seconds: 20 };
const WARM_UP: Pace = { perSecond: 20, seconds: 4 };

/**
 * Measures the API under a mixed load, and hooks of publishers: on the local Firestore, and on Google's emulator where
 * it is installed.
 */
export async function apiFigures(): Promise<Figure[]> {
  const figures = await onStore('local Firestore', {});
  const jar = FIRESTORE_EMULATOR.find();
  if (jar === undefined) return figures;
  const emulator = await startEmulator(FIRESTORE_EMULATOR, jar);
  try {
    return [...figures, ...(await onStore("Google's Firestore emulator", { FIRESTORE_EMULATOR_HOST: emulator.host }))];
  } finally {
    await emulator.stop();
  }
}

async function onStore(store: string, more: Readonly<Record<string, string>>): Promise<Figure[]> {
  const standIns = await startStandIns();
  const running = [] as Running[];
  const calls = caller();
  const start = async (name: FunctionName) => {
    const started = await startFunction(name, { ...standIns.env, ...more });
    running.push(started);
    return started.url;
  };
  try {
    const api = await start('api');
    const hooks = await start('srs-hooks');
    const { ask, unavailable } = askBy(calls);
    const streams: Created[] = [];
    for (let n = 0; n < STREAMS; n += 1) streams.push(await createStream(ask, api, `bench ${n}`));
    const mixed = mixedLoad(ask, api, streams);
    const publish = publishers(ask, hooks, streams);
    await paced(WARM_UP, publish);
    await paced(WARM_UP, mixed);
    const before = unavailable();
    const requests = await paced(API_PACE, mixed);
    const between = unavailable();
    const decisions = await paced(HOOK_PACE, publish);
    const ofApi = between - before;
    const ofHooks = unavailable() - between;
    return [
      figure(`API at 50 requests/s, mixed, ${store}`, requests, { goalP95: 25, goalP99: 60, unavailable: ofApi }),
      figure(`hook decision of a publisher, 20/s, ${store}`, decisions, { goalP95: 25, unavailable: ofHooks }),
    ];
  } finally {
    calls.end();
    await Promise.all([...running.map(({ stop }) => stop()), standIns.stop()]);
  }
}

const HEADERS = { Authorization: `Bearer ${ADMIN_KEY}`, 'Content-Type': 'application/json' };

/** The pause before what was answered with 503 is asked again, as the answer says. */
const AGAIN_MS = 1000;
/**
 * Times that one request is asked: the store is a process of this machine, too, which may be kept from running, and a
 * request that was given up counts as under way for a minute.
 */
const MAX_TRIES = 90;

/**
 * Calls as the admin. Asks again where the store has not answered in time, which makes the figure late and is counted.
 * Returns the body; rejects with what was answered if it is no success.
 */
type Ask = (method: string, url: string, body?: object, headers?: Readonly<Record<string, string>>) => Promise<string>;

function askBy({ call }: Pick<Caller, 'call'>): { ask: Ask; unavailable(): number } {
  let unavailable = 0;
  const ask: Ask = async (method, url, body, headers) => {
    const sent = body && { body: JSON.stringify(body) };
    for (let tries = 1; ; tries += 1) {
      const { status, text } = await call(url, { method, headers: { ...HEADERS, ...headers }, ...sent });
      if (status >= 200 && status < 300) return text;
      const isAway = status === 503;
      // The request that got no answer in time may still be under way.
      const isUnderWay = status === 409 && text.includes('"idempotency_in_progress"');
      if (!(isAway || isUnderWay) || tries === MAX_TRIES)
        throw new Error(`${method} ${url} answered ${status}: ${text}`);
      if (isAway) unavailable += 1;
      await sleep(AGAIN_MS);
    }
  };
  return { ask, unavailable: () => unavailable };
}

async function createStream(ask: Ask, api: string, title: string): Promise<Created> {
  const headers = { 'Idempotency-Key': `${title.replaceAll(' ', '-')}-of-the-bench` };
  return Created.parse(JSON.parse(await ask('POST', `${api}${ROUTES.api.streams}`, { title }, headers)));
}

/**
 * Sends a mix of twenty requests: 8 show a stream, 4 list, 3 change one, 2 create, 1 each sessions, recordings, nodes.
 */
function mixedLoad(ask: Ask, api: string, streams: readonly Created[]): (index: number) => Promise<void> {
  const of = (route: string, { id }: Created) => `${api}${path(route, { id })}`;
  const next = counter();
  return async (index) => {
    const stream = streams[(index * 7) % streams.length] ?? fail();
    const kind = index % 20;
    if (kind < 8) await ask('GET', of(ROUTES.api.stream, stream));
    else if (kind < 12) await ask('GET', `${api}${ROUTES.api.streams}?limit=20`);
    else if (kind < 15) await ask('PATCH', of(ROUTES.api.stream, stream), { metadata: { serial: `${index}` } });
    else if (kind < 17) await createStream(ask, api, `load ${next()}`);
    else if (kind === 17) await ask('GET', of(ROUTES.api.sessions, stream));
    else if (kind === 18) await ask('GET', of(ROUTES.api.recordings, stream));
    else await ask('GET', `${api}${ROUTES.api.nodes}`);
  };
}

/** Sends on_publish of a new connection each, on streams in turn; the previous publisher leaves. */
function publishers(ask: Ask, hooks: string, streams: readonly Created[]): (index: number) => Promise<void> {
  const next = counter();
  return async (index) => {
    const serial = next();
    const { id, ingest } = streams[index % streams.length] ?? fail();
    const names = {
      server_id: 'bench-node',
      service_id: `start-${serial}`,
      client_id: `client-${serial}`,
      ip: '127.0.0.1',
      vhost: '',
    };
    const hook = {
      action: 'on_publish',
      ...names,
      app: 'live',
      tcUrl: 'rtmp://bench/live',
      stream: id,
      param: ingest.rtmp.streamKey.slice(id.length),
    };
    await ask('POST', `${hooks}${path(ROUTES.hooks.action, { action: 'on_publish' })}`, hook);
  };
}

function counter(): () => number {
  let count = 0;
  return () => {
    count += 1;
    return count;
  };
}

function fail(): never {
  throw new Error('there is no stream');
}
