import { memoryEventBus } from '../../../functions/adapters/memory/event-bus';
import { memoryObjectStore } from '../../../functions/adapters/memory/object-store';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { eventingStreamStore } from '../../../functions/app/events/eventing-stream-store';
import { OBJECT_KINDS } from '../../../functions/contract/objects/cache';
import { livePlaylistName } from '../../../functions/contract/objects/layout';
import { encodeMetadata } from '../../../functions/contract/objects/metadata';
import { reconcileStream } from '../../../functions/reconciler/reconcile-stream';
import { keptLog } from '../../support/delivery';
import { noTakeDown } from '../../support/fake-cdn';
import { manualClock } from '../../support/manual-clock';
import { nodeOf, publishedStream, reported, STREAM_ID, sessionOf } from '../../support/streams';

const ON_AIR = sessionOf(1, { role: 'primary' });
const BACKUP = sessionOf(2, { nodeId: 'node-2', serviceId: 'service-2', role: 'backup', backupOf: ON_AIR.id });
const LIVE = livePlaylistName({ policy: 'open', streamId: STREAM_ID, broadcastId: 'b1-aaaaaaaa', rendition: 'source' });

/** Two publishers whose nodes are heard, and a live playlist that shows one of them. */
async function world(shown: { session: string; ordinal: number }) {
  const clock = manualClock();
  const log = keptLog();
  const bus = memoryEventBus();
  const open = memoryObjectStore({ clock });
  const streamStore = eventingStreamStore(memoryStreamStore(), { bus, clock, log });
  const stream = publishedStream(ON_AIR, { hotBackup: true, ordinal: 2, backup: BACKUP });
  await streamStore.createStream(stream);
  await streamStore.changeStream(STREAM_ID, () => ({ change: { sessions: [ON_AIR, BACKUP] }, result: undefined }));
  await open.write(LIVE, '#EXTM3U\n#EXT-X-TARGETDURATION:2\n', {
    ...OBJECT_KINDS.playlist,
    metadata: encodeMetadata({ ...shown, generation: '1', lastNumber: 3 }),
    ifGenerationMatch: '0',
  });
  const nodes = [ON_AIR, BACKUP].map((session) =>
    nodeOf({ id: session.nodeId, heartbeatAt: clock.now(), sessions: [reported(session)] }),
  );
  for (const node of nodes) await streamStore.changeNode(node.id, () => ({ node, result: undefined }));
  const deps = { streamStore, clock, log, ingest: memoryObjectStore({ clock }), delivery: () => open, ...noTakeDown() };
  const typesSent = () => bus.events.map(({ type }) => type);
  return { streamStore, stream, nodes, typesSent, pass: (heard = nodes) => reconcileStream(stream, heard, deps) };
}

describe('the reconciler of a stream with hot backup', () => {
  it('makes the backup the session when viewers have it, tells of it, and ends the silent publisher', async () => {
    const { streamStore, pass, typesSent } = await world({ session: BACKUP.id, ordinal: 2 });
    await pass();
    const stream = await streamStore.getStream(STREAM_ID);
    expect(stream).toMatchObject({ session: { id: BACKUP.id } });
    expect(stream).not.toHaveProperty('backup');
    expect(await streamStore.getSession(STREAM_ID, ON_AIR.id)).toMatchObject({ endReason: 'failed_over' });
    expect((await streamStore.getNode('node-1'))?.kicks).toMatchObject([
      { sessionId: ON_AIR.id, reason: 'failed_over' },
    ]);
    expect(typesSent()).toContain('stream.failover');
  });

  it('leaves both where viewers have the primary', async () => {
    const { streamStore, pass, typesSent } = await world({ session: ON_AIR.id, ordinal: 1 });
    await pass();
    expect(await streamStore.getStream(STREAM_ID)).toMatchObject({ session: ON_AIR, backup: BACKUP });
    expect(typesSent()).not.toContain('stream.failover');
  });

  it('ends a backup whose node is lost, and the primary goes on', async () => {
    const { streamStore, nodes, pass } = await world({ session: ON_AIR.id, ordinal: 1 });
    await pass(nodes.slice(0, 1));
    const stream = await streamStore.getStream(STREAM_ID);
    expect(stream).toMatchObject({ session: ON_AIR });
    expect(stream).not.toHaveProperty('backup');
  });

  it('ends a backup whose key is over, tells its node, and the primary with the present key goes on', async () => {
    const { streamStore, stream, pass } = await world({ session: ON_AIR.id, ordinal: 1 });
    const session = { ...ON_AIR, keyGeneration: 2 };
    const rotated = { ...stream, session, keyGeneration: 2 };
    await streamStore.changeStream(STREAM_ID, () => ({ change: { stream: rotated }, result: undefined }));
    await pass();
    const after = await streamStore.getStream(STREAM_ID);
    expect(after).toMatchObject({ session });
    expect(after).not.toHaveProperty('backup');
    expect(await streamStore.getSession(STREAM_ID, BACKUP.id)).toMatchObject({ endReason: 'key_expired' });
    expect((await streamStore.getNode('node-2'))?.kicks).toMatchObject([
      { sessionId: BACKUP.id, reason: 'key_expired' },
    ]);
  });
});
