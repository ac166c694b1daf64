import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FUNCTIONS } from '../../functions/contract/env/functions';
import { ConfigError } from '../config/load';

/** Results of the build that the stacks need. */
export interface Built {
  /** Path of a function's archive. */
  readonly archive: (name: string) => string;
  /** Folder of the built pages. */
  readonly pages: string;
}

const PAGES = 'dist/web';
const archiveOf = (name: string): string => `dist/functions/${name}.zip`;

/** Finds what was built below `root`. Throws a `ConfigError` that names everything that is missing. */
export function built(root: string): Built {
  const wanted = [...Object.keys(FUNCTIONS).map(archiveOf), PAGES];
  const missing = wanted.filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0)
    throw new ConfigError(missing.map((path) => `${path}: missing; make it with 'npm run build'`));
  return { archive: (name) => join(root, archiveOf(name)), pages: join(root, PAGES) };
}
