import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { http } from '@google-cloud/functions-framework';
import { firestoreChatRooms } from '../adapters/gcp/firestore/chat-rooms';
import { firestoreClient } from '../adapters/gcp/firestore/firestore-client';
import { firestoreGrantStore } from '../adapters/gcp/firestore/grant-store';
import { firestoreStreamStore } from '../adapters/gcp/firestore/stream-store';
import { jsonLog } from '../adapters/log';
import { randomId, systemClock } from '../adapters/system';
import { chat, entryPoint } from '../contract/env/functions';
import { aheadOfFramework } from '../http/ahead-of-framework';
import { chatHandler } from './handler';

/** Readers of one address: a school or an office stands behind some. */
const PER_ADDRESS = 200;
/** The time for the last events to leave; Cloud Run kills after ten seconds. */
const LAST_BYTES_MS = 2000;

const env = chat.env.extend(chat.secrets.shape).parse(process.env);
const firestore = firestoreClient({ projectId: env.PROJECT_ID, databaseId: env.FIRESTORE_DATABASE });

const { handler, stop } = chatHandler({
  streamStore: firestoreStreamStore(firestore),
  grants: firestoreGrantStore(firestore),
  rooms: firestoreChatRooms(firestore),
  keys: env.TOKEN_KEYS,
  limits: { perInstance: env.MAX_READERS, perAddress: PER_ADDRESS },
  allowedOrigins: env.ALLOWED_ORIGINS,
  clock: systemClock,
  randomId,
  randomInt,
  log: jsonLog(),
});

http(
  entryPoint(chat.name),
  aheadOfFramework(handler, async () => {
    stop();
    await sleep(LAST_BYTES_MS);
  }),
);
