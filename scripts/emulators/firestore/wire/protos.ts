import type { ServiceDefinition } from '@grpc/grpc-js';
import { serviceDefinition } from '../../server/client-protos';

export const firestoreServiceDefinition = (): ServiceDefinition =>
  serviceDefinition('@google-cloud/firestore', 'build/protos/v1.json', 'google.firestore.v1.Firestore');
