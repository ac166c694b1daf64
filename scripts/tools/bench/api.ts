import type { z } from 'zod';
import { StreamWithKey } from '../../../functions/contract/api/streams';
import type { FunctionName } from '../../../functions/contract/env/functions';
import { path, ROUTES } from '../../../functions/contract/routes';
import { type Running, startFunction, startStandIns } from './child';
import { type Figure, figure } from './figures';
import { ADMIN_KEY } from './function-env';
import { FIRESTORE_EMULATOR, startEmulator } from './google-emulator';
import { type Pace, paced } from './paced';

const Created = StreamWithKey.pick({ id: true, ingest: true });
type Created = z.infer<typeof Created>;

/** Streams there are before the load begins. */
const STREAMS = 60;
const API_PACE: Pace = { perSecond: 50, seconds: 40 };
const HOOK_PACE: Pace = { perSecond: 20, seconds: 20 };
const WARM_UP: Pace = { perSecond: 20, seconds: 4 };

/**
 * The API under a mixed load, and hooks of publishers: on the local Firestore, and on Google's emulator where it is
 * installed.
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
  const running: Running[] = [];
  const start = async (name: FunctionName) => {
    const started = await startFunction(name, { ...standIns.env, ...more });
    running.push(started);
    return started.url;
  };
  try {
    const [api, hooks] = [await start('api'), await start('srs-hooks')];
    const streams: Created[] = [];
    for (let n = 0; n < STREAMS; n += 1) streams.push(await createStream(api, `bench ${n}`));
    const mixed = mixedLoad(api, streams);
    const publish = publishers(hooks, streams);
    await paced(WARM_UP, publish);
    await paced(WARM_UP, mixed);
    const requests = await paced(API_PACE, mixed);
    const decisions = await paced(HOOK_PACE, publish);
    return [
      figure(`API at 50 requests/s, mixed, ${store}`, requests, { goalP95: 25, goalP99: 60 }),
      figure(`hook decision of a publisher, 20/s, ${store}`, decisions, { goalP95: 25 }),
    ];
  } finally {
    await Promise.all([...running.map(({ stop }) => stop()), standIns.stop()]);
  }
}

async function call(url: string, init: RequestInit): Promise<string> {
  const headers = { Authorization: `Bearer ${ADMIN_KEY}`, 'Content-Type': 'application/json', ...init.headers };
  const answer = await fetch(url, { ...init, headers });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${init.method} ${url} answered ${answer.status}: ${text}`);
  return text;
}

async function createStream(api: string, title: string): Promise<Created> {
  const init = {
    method: 'POST',
    body: JSON.stringify({ title }),
    headers: { 'Idempotency-Key': `${title.replaceAll(' ', '-')}-of-the-bench` },
  };
  return Created.parse(JSON.parse(await call(`${api}${ROUTES.api.streams}`, init)));
}

/**
 * Sends a mix of twenty requests: 8 show a stream, 4 list, 3 change one, 2 create, 1 each sessions, recordings, nodes.
 */
function mixedLoad(api: string, streams: readonly Created[]): (index: number) => Promise<void> {
  const of = (route: string, { id }: Created) => `${api}${path(route, { id })}`;
  const next = counter();
  return async (index) => {
    const stream = streams[(index * 7) % streams.length] ?? fail();
    const kind = index % 20;
    if (kind < 8) await call(of(ROUTES.api.stream, stream), { method: 'GET' });
    else if (kind < 12) await call(`${api}${ROUTES.api.streams}?limit=20`, { method: 'GET' });
    else if (kind < 15)
      await call(of(ROUTES.api.stream, stream), {
        method: 'PATCH',
        body: JSON.stringify({ metadata: { serial: `${index}` } }),
      });
    else if (kind < 17) await createStream(api, `load ${next()}`);
    else
      await call(
        kind === 17
          ? of(ROUTES.api.sessions, stream)
          : kind === 18
            ? of(ROUTES.api.recordings, stream)
            : `${api}${ROUTES.api.nodes}`,
        { method: 'GET' },
      );
  };
}

/** on_publish of a new connection each, on streams in turn; the one before leaves. */
function publishers(hooks: string, streams: readonly Created[]): (index: number) => Promise<void> {
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
    await call(`${hooks}${path(ROUTES.hooks.action, { action: 'on_publish' })}`, {
      method: 'POST',
      body: JSON.stringify(hook),
    });
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
