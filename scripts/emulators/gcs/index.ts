export type { BucketSpec, CorsRule } from './bucket';
export { type StorageFault, StorageFaults } from './faults';
export type { OperationCounts } from './meter';
export type { ObjectStoreOptions, ObjectStoreServer } from './object-store-server';
export { objectStoreServer } from './object-store-server';
export type { ObjectResource } from './objects';
