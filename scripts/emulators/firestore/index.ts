export { type FirestoreFaults, NO_FIRESTORE_FAULTS } from './faults';
export { firestoreServer } from './wire/firestore-server';
