import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { loadPackageDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

/** The form of messages in this process; the `messages.ts` of each server is written for exactly these. */
const DECODING = {
  keepCase: false,
  longs: String,
  enums: String,
  defaults: false,
  arrays: true,
  objects: true,
  oneofs: false,
};

/**
 * Loads a gRPC service from Google's client package, e.g. `google.pubsub.v1.Publisher`. `protos` is a file of that
 * package; its `exports` hide it, so it is found by path.
 */
export function serviceDefinition(client: string, protos: string, service: string): ServiceDefinition {
  const manifest = createRequire(join(process.cwd(), 'package.json')).resolve(`${client}/package.json`);
  const description = JSON.parse(readFileSync(join(dirname(manifest), protos), 'utf8'));
  let found: unknown = loadPackageDefinition(fromJSON(description, DECODING));
  for (const name of service.split('.')) found = Reflect.get(Object(found), name);
  if (!isClient(found)) throw new Error(`${client}: ${protos} describes no ${service}`);
  return found.service;
}

const isClient = (found: unknown): found is { service: ServiceDefinition } =>
  typeof found === 'function' && 'service' in found;
