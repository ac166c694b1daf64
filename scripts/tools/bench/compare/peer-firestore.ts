import { Firestore } from '@google-cloud/firestore';
import { peer } from './peer';

peer(() => new Firestore({ projectId: 'bench', databaseId: 'bench' }));
