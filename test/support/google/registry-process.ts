import { z } from 'zod';
import { firestoreClient } from '../../../functions/adapters/gcp/firestore/firestore-client';
import { firestoreStreamStore } from '../../../functions/adapters/gcp/firestore/stream-store';
import { streamOf } from '../streams';

/**
 * A program that calls the Firestore stream store as its parent says, one message a call, and answers each by its
 * number. A process of its own because the client goes on trying in the background for half a minute after the stream
 * store has given up, and throws where nobody can catch if it is terminated meanwhile.
 */
const [host = '', deadlineMs = ''] = process.argv.slice(2);
const streamStore = firestoreStreamStore(
  firestoreClient({ projectId: 'test', databaseId: 'outage', host }),
  deadlineMs === '' ? {} : { deadlineMs: Number(deadlineMs) },
);
const stream = streamOf();
let decisions = 0;

const CALLS = {
  createStream: () => streamStore.createStream(stream),
  getStream: () => streamStore.getStream(stream.id),
  listStreams: () => streamStore.listStreams({ limit: 1 }),
  countStreams: () => streamStore.countStreams('ann'),
  listUnfinishedStreams: () => streamStore.listUnfinishedStreams(),
  listStreamsWithPendingEvents: () => streamStore.listStreamsWithPendingEvents(),
  listStreamsWithExpired: () => streamStore.listStreamsWithExpired(0),
  deleteStream: () => streamStore.deleteStream(stream.id),
  changeStream: () =>
    streamStore.changeStream(stream.id, () => {
      decisions += 1;
      return { change: { stream: { ...stream, title: 'changed' } }, result: 'done' };
    }),
  listStreamsWithMediaWork: () => streamStore.listStreamsWithMediaWork(),
  listSessions: () => streamStore.listSessions(stream.id),
  listBroadcasts: () => streamStore.listBroadcasts(stream.id),
  getNode: () => streamStore.getNode('node-1'),
  listNodes: () => streamStore.listNodes(),
  changeNode: () => streamStore.changeNode('node-1', () => ({ result: 'done' })),
  decisions: async () => decisions,
};
export type RegistryCall = keyof typeof CALLS;

const Order = z.object({
  number: z.int(),
  call: z.custom<RegistryCall>((name) => typeof name === 'string' && name in CALLS),
});

process.on('message', async (message) => {
  const { number, call } = Order.parse(message);
  const answer = await CALLS[call]().then(
    (value) => ({ value }),
    (error: Error) => ({
      error: { name: error.name, message: error.message, ...('code' in error ? { code: error.code } : {}) },
    }),
  );
  process.send?.({ number, ...answer });
});
