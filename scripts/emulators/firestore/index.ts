export { firestoreServer } from './wire/firestore-server';
