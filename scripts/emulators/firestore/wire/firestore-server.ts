import { createServer } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { serviceDefinition } from '../../server/client-protos';
import { close, listen } from '../../server/listen';
import type { LocalService } from '../../server/local-service';
import { Databases } from '../databases';
import { type FirestoreFaults, NO_FIRESTORE_FAULTS } from '../faults';
import type { CompositeIndex } from '../query/composite-indexes';
import { sweep, type TimeToLive } from '../time-to-live';
import { Transactions } from '../transactions';
import { firestoreRpcs } from './rpc';

export interface FirestoreServerOptions {
  /** The port; 0: any free one, kept for later starts. */
  port: number;
  /** The declared composite indexes. @default no index is needed: every query is answered */
  indexes?: readonly CompositeIndex[];
  ttl?: readonly TimeToLive[];
  /** Ids of the databases that exist, e.g. `srs-live-dev`. @default every id */
  databases?: readonly string[];
  /** @default the wall clock */
  clock?: { now(): number };
  /** Faults, which may change while calls come. @default none */
  faults?: FirestoreFaults;
}

const FIRESTORE = ['@google-cloud/firestore', 'build/protos/v1.json', 'google.firestore.v1.Firestore'] as const;
/**
 * A write of Firestore's largest size, 10 MiB, and room for its frame. https://cloud.google.com/firestore/quotas#limits
 */
const MAX_MESSAGE_BYTES = 11 << 20;
const SWEEP_EVERY_MS = 500;

/**
 * Cloud Firestore for the real client on this machine, in memory: `new Firestore({ host: url.host, ssl: false })`. Its
 * documents outlive `stop` and `start`, so a test can take the database away and give it back.
 */
export function firestoreServer(options: FirestoreServerOptions): LocalService {
  const { indexes, ttl = [], clock = Date, faults = { ...NO_FIRESTORE_FAULTS } } = options;
  const databases = new Databases(() => clock.now(), options.databases);
  const rpcs = firestoreRpcs({ databases, transactions: new Transactions(() => clock.now()), indexes, faults });
  let running: { server: Server; sweeper: NodeJS.Timeout } | undefined;
  let { port } = options;

  return {
    name: 'firestore',
    async start() {
      const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
      server.addService(serviceDefinition(...FIRESTORE), rpcs);
      port = await bind(server, port);
      const sweeper = setInterval(() => {
        for (const database of databases.all()) sweep(database, ttl, clock.now());
      }, SWEEP_EVERY_MS);
      running = { server, sweeper };
      return new URL(`http://127.0.0.1:${port}`);
    },
    async stop() {
      clearInterval(running?.sweeper);
      running?.server.forceShutdown();
      running = undefined;
    },
  };
}

/** grpc-js reports a taken port on standard error and in its own words, so another server tries the port first. */
async function bind(server: Server, port: number): Promise<number> {
  const probe = createServer();
  const free = await listen(probe, port, 'firestore');
  await close(probe);
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${free}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
}
