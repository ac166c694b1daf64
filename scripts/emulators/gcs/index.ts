export type { ObjectStoreServer } from './object-store-server';
export { objectStoreServer } from './object-store-server';
export type { ObjectResource } from './objects';
