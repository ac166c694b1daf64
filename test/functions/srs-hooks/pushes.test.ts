import { jsonLog } from '../../../functions/adapters/log';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { randomId } from '../../../functions/adapters/system';
import { type Heartbeat, HeartbeatAnswer } from '../../../functions/contract/hooks/srs';
import { PUSH_TOKEN_MS } from '../../../functions/core/publish/push-token';
import type { StreamStore } from '../../../functions/ports/stores';
import { srsHooksHandler } from '../../../functions/srs-hooks/handler';
import { manualClock } from '../../support/manual-clock';
import { heartbeatOf, publishedStream, reported, STREAM_ID, sessionOf } from '../../support/streams';

/** An origin that is told to push to an edge, and the edge that is asked whether it may. */
const SESSION = sessionOf(1);
const OTHER_STREAM = 'zyxwvuts76543210';

let streamStore: StreamStore;
let reads: number;
let clock: ReturnType<typeof manualClock>;
let lines: string[];
let handler: (request: Request) => Promise<Response>;

beforeEach(async () => {
  const store = memoryStreamStore();
  reads = 0;
  streamStore = {
    ...store,
    listNodes: async () => {
      reads += 1;
      return store.listNodes();
    },
  };
  await streamStore.createStream(publishedStream());
  clock = manualClock();
  lines = [];
  handler = srsHooksHandler({ streamStore, clock, randomId, log: jsonLog((line) => lines.push(line)) });
});
afterEach(() => expect(lines.join('\n')).not.toMatch(/sle_[a-z0-9]{8}/));

const post = (path: string, body: unknown) =>
  handler(new Request(`http://function/hooks/${path}`, { method: 'POST', body: JSON.stringify(body) }));

const beat = async (more: Partial<Heartbeat> = {}) =>
  HeartbeatAnswer.parse(await (await post('heartbeat', heartbeatOf(more))).json()).commands;
const edgeBeat = (nodeId = 'edge-1') =>
  beat({ nodeId, role: 'edge', reach: { agentUrl: `http://${nodeId}:8086`, push: { host: nodeId, port: 1935 } } });
const originBeat = (more: Partial<Heartbeat> = {}) => beat({ sessions: [reported(SESSION, { edges: 1 })], ...more });

async function ordered(): Promise<string> {
  await edgeBeat();
  const [command] = await originBeat();
  if (command?.kind !== 'push') throw new Error(`no order to push: ${JSON.stringify(command)}`);
  return command.token;
}

const publish = async (token: string, more: Record<string, unknown> = {}) => {
  const hook = {
    server_id: 'edge-1',
    service_id: 'service-e',
    action: 'on_publish',
    client_id: 'push-1',
    ip: '10.0.0.2',
    vhost: '__defaultVhost__',
    app: 'live',
    tcUrl: 'rtmp://10.0.0.9:1935/live',
    stream: STREAM_ID,
    param: `?push=${token}`,
    ...more,
  };
  const answer = await post('on_publish', hook);
  return { status: answer.status, body: await answer.json() };
};
const ADMITTED = { status: 200, body: { code: 0, push: { sessionId: SESSION.id, policy: 'open' } } };
const REFUSED = { status: 403, body: { error: 'push_refused' } };

describe('an origin with a session for edges', () => {
  it('is told to push it, with a token for one use and the place of the edge’s gate', async () => {
    await edgeBeat();
    expect(await originBeat()).toEqual([
      {
        kind: 'push',
        streamId: STREAM_ID,
        sessionId: SESSION.id,
        edgeId: 'edge-1',
        to: { host: 'edge-1', port: 1935 },
        token: expect.stringMatching(/^sle_[a-z0-9]{32}$/),
      },
    ]);
  });

  it('is told nothing more once it pushes, and to end what is too much', async () => {
    await ordered();
    const pushes = ['edge-1', 'edge-2'].map((edgeId) => ({ streamId: STREAM_ID, sessionId: SESSION.id, edgeId }));
    expect(await originBeat({ pushes: pushes.slice(0, 1) })).toEqual([]);
    await edgeBeat('edge-2');
    expect(await originBeat({ pushes })).toEqual([{ kind: 'end_push', streamId: STREAM_ID, edgeId: 'edge-2' }]);
  });

  it('gets another token for each attempt', async () => {
    const first = await ordered();
    clock.advance(5000);
    const second = await ordered();
    expect(second).not.toBe(first);
    expect(await publish(second)).toEqual(ADMITTED);
  });

  it('costs no read of the nodes when no session names edges', async () => {
    await edgeBeat();
    await beat({ sessions: [reported(SESSION)] });
    expect(reads).toBe(0);
    await originBeat();
    expect(reads).toBe(1);
  });

  it('hears its other commands when the nodes cannot be read', async () => {
    await edgeBeat();
    await streamStore.changeNode('node-1', () => ({ result: undefined }));
    const broken: StreamStore = { ...streamStore, listNodes: () => Promise.reject(new Error('Firestore is away')) };
    handler = srsHooksHandler({ streamStore: broken, clock, randomId, log: jsonLog((line) => lines.push(line)) });
    expect(await originBeat()).toEqual([]);
    expect(lines.join()).toContain('pushes_not_decided');
  });
});

describe('a push token', () => {
  it('lets one connection in, which may ask again', async () => {
    const token = await ordered();
    expect(await publish(token)).toEqual(ADMITTED);
    expect(await publish(token)).toEqual(ADMITTED);
    await edgeBeat();
    expect(await publish(token)).toEqual(ADMITTED);
  });

  it('is no key: no session begins, and the publisher stays who it was', async () => {
    await publish(await ordered());
    expect(await streamStore.getStream(STREAM_ID)).toEqual(publishedStream());
  });

  it.each<[string, Record<string, unknown>]>([
    ['is spent by another connection', { client_id: 'push-2' }],
    ['is of an earlier run of SRS', { service_id: 'service-f' }],
  ])('that was used is refused when it %s', async (_why, more) => {
    const token = await ordered();
    await publish(token);
    expect(await publish(token, more)).toMatchObject(REFUSED);
  });

  it.each<[string, Record<string, unknown>]>([
    ['for another stream', { stream: OTHER_STREAM }],
    ['at another edge', { server_id: 'edge-2' }],
    ['at an origin', { server_id: 'node-1' }],
    ['at a node that nobody knows', { server_id: 'edge-9' }],
  ])('is refused %s, and is not spent by it', async (_why, more) => {
    await edgeBeat('edge-2');
    const token = await ordered();
    expect(await publish(token, more)).toMatchObject(REFUSED);
    expect(await publish(token)).toEqual(ADMITTED);
  });

  it('is refused once it has expired, whatever the clocks of nodes say', async () => {
    const token = await ordered();
    clock.advance(PUSH_TOKEN_MS);
    expect(await publish(token)).toMatchObject(REFUSED);
  });

  it('that nobody made is refused, also beside the key of the stream', async () => {
    await ordered();
    const made = `sle_${'a'.repeat(32)}`;
    expect(await publish(made)).toMatchObject(REFUSED);
    expect(await publish(made, { param: `?key=sk_${'abcd2345'.repeat(4)}&push=${made}` })).toMatchObject(REFUSED);
  });

  it('of a session that another one followed, or whose stream is suspended or gone, lets nobody in', async () => {
    const token = await ordered();
    const change = (stream: ReturnType<typeof publishedStream>) =>
      streamStore.changeStream(STREAM_ID, () => ({ change: { stream }, result: undefined }));
    await change(publishedStream({ id: '2-bbbbbbbb', ordinal: 2 }));
    expect(await publish(token)).toMatchObject({ status: 403, body: { error: 'superseded' } });
    await change(publishedStream({}, { suspended: { at: 0 } }));
    expect(await publish(token)).toMatchObject({ status: 403, body: { error: 'suspended' } });
    await streamStore.deleteStream(STREAM_ID);
    expect(await publish(token)).toMatchObject({ status: 403, body: { error: 'unknown_stream' } });
  });
});
