import { apiRig } from '../../../support/api-rig';
import { nodeOf, publishedStream, reported, STREAM_ID, sessionOf } from '../../../support/streams';

const create = (more: object) => apiRig().ask('POST', '/streams', { body: { title: 'two ingests', ...more } });

describe('hot backup in the API', () => {
  it('is off unless a stream asks for it, and can be turned on and off', async () => {
    const rig = apiRig();
    const made = await (await rig.ask('POST', '/streams', { body: { title: 'a stream' } })).json();
    expect(made.hotBackup).toBe(false);
    expect(await rig.deps.streamStore.getStream(made.id)).not.toHaveProperty('hotBackup');
    for (const hotBackup of [true, false]) {
      const patched = await rig.ask('PATCH', `/streams/${made.id}`, { body: { hotBackup } });
      expect(await patched.json()).toMatchObject({ hotBackup });
    }
  });

  it.each([{ latency: 'low' }, { encryption: 'aes-128' }, { edges: 1 }])(
    'is refused with %j, by its own field',
    async (more) => {
      const answer = await create({ hotBackup: true, ...more });
      const problem = await answer.json();
      expect([answer.status, problem.code]).toEqual([422, 'invalid_field']);
      expect(problem.detail).toMatch(/^hotBackup: got true, must be false because/);
    },
  );

  it('is refused to a stream that has low latency, and low latency to one that has it', async () => {
    const rig = apiRig();
    for (const [first, second] of [
      [{ latency: 'low' }, { hotBackup: true }],
      [{ hotBackup: true }, { latency: 'low' }],
    ]) {
      const made = await (await rig.ask('POST', '/streams', { body: { title: 'a stream', ...first } })).json();
      const answer = await rig.ask('PATCH', `/streams/${made.id}`, { body: second });
      expect(answer.status).toBe(422);
      expect(await answer.text()).toContain("hotBackup: got true, must be false because latency is 'low'");
    }
  });

  it.each([null, 'true', 1])('is refused with the value %j', async (hotBackup) => {
    expect((await create({ hotBackup })).status).toBe(422);
  });

  it('names both sessions, and the backup alone once the node of the other is lost', async () => {
    const rig = apiRig();
    const at = rig.deps.clock.now();
    const backup = sessionOf(2, {
      nodeId: 'node-2',
      role: 'backup',
      backupOf: sessionOf(1).id,
      startedAt: at - 90_000,
    });
    const stream = publishedStream({ role: 'primary', startedAt: at - 90_000 }, { hotBackup: true, backup });
    const first = nodeOf({ heartbeatAt: at, sessions: [reported(sessionOf(1))] });
    const second = nodeOf({ id: 'node-2', heartbeatAt: at, sessions: [reported(backup)] });
    await rig.deps.streamStore.createStream(stream);
    for (const node of [first, second])
      await rig.deps.streamStore.changeNode(node.id, () => ({ node, result: undefined }));
    const shown = async () => (await rig.ask('GET', `/streams/${STREAM_ID}`)).json();
    expect(await shown()).toMatchObject({
      status: 'live',
      session: { nodeId: 'node-1', role: 'primary' },
      backup: { nodeId: 'node-2', role: 'backup' },
    });
    const lost = { ...first, heartbeatAt: at - 60_000 };
    await rig.deps.streamStore.changeNode('node-1', () => ({ node: lost, result: undefined }));
    const after = await shown();
    expect(after).toMatchObject({ status: 'live', session: { nodeId: 'node-2', role: 'backup' } });
    expect(after).not.toHaveProperty('backup');
  });
});
