import { Storage } from '@google-cloud/storage';
import { peer } from './peer';

peer();
export const storage = new Storage({ projectId: 'bench' });
