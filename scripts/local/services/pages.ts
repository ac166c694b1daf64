import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { gcsObjectStore } from '../../../functions/adapters/gcp/storage/object-store';
import { storageClient } from '../../../functions/adapters/gcp/storage/storage-client';
import type { LocalService } from '../../emulators/server/local-service';
import { StartError } from '../../emulators/server/start-error';
import type { Blueprint } from '../blueprint/blueprint';

export interface PagesOptions {
  readonly blueprint: Pick<Blueprint, 'edge'>;
  /** Folder of the built pages. */
  readonly folder: string;
  /** The object store, which must run. */
  readonly store: URL;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};
/** A changed page shows at the next request. */
const CACHE_CONTROL = 'public, max-age=1';

/** Puts the built pages into their bucket, as a deploy does. */
export function pages({ blueprint, folder, store }: PagesOptions): LocalService {
  return {
    name: 'pages',
    start: async () => {
      const bucket = gcsObjectStore(storageClient({ apiEndpoint: store.origin }), pagesBucket(blueprint));
      for (const name of await readdir(folder)) {
        const contentType = CONTENT_TYPES[extname(name)];
        if (contentType === undefined) throw new StartError(`${join(folder, name)}: no content type is known for it`);
        const options = { contentType, cacheControl: CACHE_CONTROL, metadata: {}, ifGenerationMatch: '0' };
        await bucket.write(name, await readFile(join(folder, name)), options);
      }
      return store;
    },
    stop: async () => undefined,
  };
}

function pagesBucket({ edge }: PagesOptions['blueprint']): string {
  const { fallback } = edge;
  const backend =
    fallback.kind === 'bucket' ? edge.backendBuckets.find(({ name }) => name === fallback.backend) : undefined;
  if (backend === undefined)
    throw new StartError('the URL map sends what is no media and no API to something else than a bucket of pages');
  return backend.bucket;
}
