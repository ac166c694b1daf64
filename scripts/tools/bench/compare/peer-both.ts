import { Firestore } from '@google-cloud/firestore';
import { Storage } from '@google-cloud/storage';
import { peer } from './peer';

peer(() => new Firestore({ projectId: 'bench', databaseId: 'bench' }));
export const storage = new Storage({ projectId: 'bench' });
