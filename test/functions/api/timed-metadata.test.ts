import type { SessionId } from '../../../functions/contract/ids';
import { ADMIN, type ApiRig, apiRig } from '../../support/api-rig';
import { FakeNodes } from '../../support/fake-media-nodes';
import { nodeOf, publishedStream, reported, STREAM_ID, sessionOf, streamOf } from '../../support/streams';

const URL = 'http://node-1:8086';
const SESSION: SessionId = sessionOf(1).id;
let rig: ApiRig;
let nodes: FakeNodes;

beforeEach(async () => {
  nodes = new FakeNodes();
  rig = apiRig({ media: { nodes } });
  await rig.deps.streamStore.createStream(streamOf({ owner: 'alice' }));
});

async function goLive(): Promise<void> {
  const at = rig.deps.clock.now();
  const stream = publishedStream({ nodeId: 'node-1', startedAt: at - 60_000 }, { owner: 'alice' });
  await rig.deps.streamStore.changeStream(STREAM_ID, () => ({ change: { stream }, result: 0 }));
  const node = nodeOf({ id: 'node-1', heartbeatAt: at, reach: { agentUrl: URL }, sessions: [reported(sessionOf(1))] });
  await rig.deps.streamStore.changeNode('node-1', () => ({ node, result: 0 }));
}
const send = (body: unknown, headers: Record<string, string> = ADMIN) =>
  rig.ask('POST', `/streams/${STREAM_ID}/metadata`, { body, headers });
const codeOf = async (answer: Promise<Response>) => {
  const { status, code, errors } = await (await answer).json();
  return { status, code, ...(errors && { fields: errors.map(({ field }: { field: string }) => field) }) };
};

describe('POST …/metadata', () => {
  it('hands the message to the node of the live session', async () => {
    await goLive();
    const answer = await send({ id: 'poll-1', data: '{"q":1}', durationSeconds: 20 });
    expect([answer.status, await answer.json()]).toEqual([
      202,
      { id: 'poll-1', streamId: STREAM_ID, acceptedAt: new Date(rig.deps.clock.now()).toISOString() },
    ]);
    expect(nodes.metadata).toEqual([
      { streamId: STREAM_ID, sessionId: SESSION, id: 'poll-1', data: '{"q":1}', durationMs: 20_000 },
    ]);
  });

  it('hands the message to both publishers of a stream with hot backup, and to the one that is left', async () => {
    const at = rig.deps.clock.now();
    const second = { nodeId: 'node-2', serviceId: 'service-2', role: 'backup', backupOf: SESSION } as const;
    const backup = sessionOf(2, { ...second, startedAt: at - 60_000 });
    const first = { nodeId: 'node-1', role: 'primary', startedAt: at - 60_000 } as const;
    const stream = publishedStream(first, { hotBackup: true, ordinal: 2, backup });
    await rig.deps.streamStore.changeStream(STREAM_ID, () => ({ change: { stream }, result: 0 }));
    const heard = async (id: string, heartbeatAt: number, session: typeof backup) => {
      const reach = { agentUrl: `http://${id}:8086` };
      const node = nodeOf({ id, heartbeatAt, reach, sessions: [reported(session)] });
      await rig.deps.streamStore.changeNode(id, () => ({ node, result: 0 }));
    };
    await heard('node-1', at, sessionOf(1));
    await heard('node-2', at, backup);
    expect((await send({ id: 'poll-1', data: 'a' })).status).toBe(202);
    expect(nodes.metadata.map(({ sessionId }) => sessionId)).toEqual([SESSION, backup.id]);
    nodes.away.add('http://node-2:8086');
    expect((await send({ id: 'poll-2', data: 'b' })).status).toBe(202);
    nodes.away.delete('http://node-2:8086');
    await heard('node-1', at - 60_000, sessionOf(1));
    expect((await send({ id: 'poll-3', data: 'c' })).status).toBe(202);
    expect(nodes.metadata.at(-1)).toMatchObject({ sessionId: backup.id, id: 'poll-3' });
  });

  it('gives a message without an id one that nobody has', async () => {
    await goLive();
    const one = await (await send({ data: 'a' })).json();
    const two = await (await send({ data: 'a' })).json();
    expect(one.id).toMatch(/^[a-z0-9]{16}$/);
    expect(two.id).not.toBe(one.id);
  });

  it('is for the owner of the stream and the operator', async () => {
    await goLive();
    const owner = await rig.caller({ role: 'publisher', subject: 'alice' });
    expect((await send({ data: 'a' }, owner)).status).toBe(202);
    const stranger = await rig.caller({ role: 'publisher', subject: 'mallory' });
    expect(await codeOf(send({ data: 'a' }, stranger))).toEqual({ status: 404, code: 'stream_not_found' });
    const viewer = await rig.caller({ role: 'viewer', subject: 'bob', streams: [STREAM_ID] });
    expect(await codeOf(send({ data: 'a' }, viewer))).toEqual({ status: 403, code: 'forbidden' });
    expect(nodes.metadata).toHaveLength(1);
  });

  it('is refused while the stream is not live', async () => {
    expect(await codeOf(send({ data: 'a' }))).toEqual({ status: 409, code: 'not_live' });
  });

  it.each([
    ['session_not_found', 409, 'not_live'],
    ['metadata_conflict', 409, 'metadata_conflict'],
    ['rate_limited', 429, 'rate_limited'],
    ['bad_request', 503, 'unavailable'],
  ])('answers %s of the node with %s %s', async (error, status, code) => {
    await goLive();
    nodes.refusals.set(URL, { error, message: 'no' });
    expect(await codeOf(send({ data: 'a' }))).toEqual({ status, code });
  });

  it('is unavailable while the node does not answer', async () => {
    await goLive();
    nodes.away.add(URL);
    expect(await codeOf(send({ data: 'a' }))).toEqual({ status: 503, code: 'unavailable' });
  });

  it.each([
    ['no text', {}, ['data']],
    ['text of another type', { data: { goal: 1 } }, ['data']],
    ['more than 1,024 bytes', { data: '\u20ac'.repeat(342) }, ['data']],
    ['an id with a quote', { id: '"', data: 'a' }, ['id']],
    ['a fraction of a second', { data: 'a', durationSeconds: 0.5 }, ['durationSeconds']],
    ['an unknown field', { data: 'a', text: 'b' }, ['body']],
  ])('refuses %s and names the field', async (_name, body, fields) => {
    await goLive();
    expect(await codeOf(send(body))).toMatchObject({ status: 422, code: 'invalid_field', fields });
    expect(nodes.metadata).toEqual([]);
  });
});
