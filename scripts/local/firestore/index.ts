export type { CompositeIndex } from './composite-indexes';
export { type FirestoreServerOptions, firestoreServer } from './firestore-server';
export type { TimeToLive } from './time-to-live';
