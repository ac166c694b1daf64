import { resolve } from 'node:path';

/** The repository's folder. */
export const PROJECT_ROOT = resolve(__dirname, '../../..');
