import { firestoreRegistry } from '../../../functions/adapters/gcp/registry';
import { registrySuite } from '../../suites/registry';
import { localDatabases } from '../../support/firestore-databases';

const open = localDatabases();

registrySuite('local Firestore', () => firestoreRegistry(open()));
