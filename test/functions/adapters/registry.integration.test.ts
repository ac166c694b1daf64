import { firestoreStreamStore } from '../../../functions/adapters/gcp/firestore/stream-store';
import { registrySuite } from '../../suites/registry';
import { localDatabases } from '../../support/google/firestore-databases';

const open = localDatabases();

registrySuite('local Firestore', () => firestoreStreamStore(open()));
