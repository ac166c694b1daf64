import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { loadPackageDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

/** How messages look in this process; `messages.ts` is written for exactly these. */
const DECODING = { keepCase: false, longs: String, enums: String, defaults: false, arrays: true, objects: true, oneofs: false };

/** The service as the client package itself describes it. Its `exports` hide the file, so it is found by path. */
export function firestoreServiceDefinition(): ServiceDefinition {
  const client = createRequire(join(process.cwd(), 'package.json')).resolve('@google-cloud/firestore/package.json');
  const description = JSON.parse(readFileSync(join(dirname(client), 'build/protos/v1.json'), 'utf8'));
  let found: unknown = loadPackageDefinition(fromJSON(description, DECODING));
  for (const name of ['google', 'firestore', 'v1', 'Firestore']) found = Reflect.get(Object(found), name);
  if (!isClient(found))
    throw new Error('@google-cloud/firestore: build/protos/v1.json describes no google.firestore.v1.Firestore');
  return found.service;
}

const isClient = (found: unknown): found is { service: ServiceDefinition } => typeof found === 'function' && 'service' in found;
