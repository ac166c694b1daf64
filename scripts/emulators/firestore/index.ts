export type { CompositeIndex } from './query/composite-indexes';
export type { TimeToLive } from './time-to-live';
export { type FirestoreServerOptions, firestoreServer } from './wire/firestore-server';
