import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { StorageBucketObject } from '@cdktf/provider-google/lib/storage-bucket-object';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';

export interface PagesProps {
  readonly bucketName: string;
  /** Folder of the built pages: every file in it, none below it. */
  readonly folder: string;
}

/** The names carry no hash, so a viewer may see an old page for this long after a deploy. */
const CACHE_CONTROL = 'public, max-age=60';

/** Content types by extension: Cloud Storage does not find them out, and browsers refuse scripts of another type. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The pages at `/`, uploaded. */
export class Pages extends Construct {
  constructor(scope: Construct, id: string, { bucketName, folder }: PagesProps) {
    super(scope, id);
    for (const name of readdirSync(folder).sort()) {
      const contentType = CONTENT_TYPES[extname(name)];
      if (contentType === undefined)
        throw new Error(`page '${name}': use one of ${Object.keys(CONTENT_TYPES).join(', ')}`);
      const path = join(folder, name);
      const assetHash = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
      const asset = new TerraformAsset(this, `file-${name}`, { path, type: AssetType.FILE, assetHash });
      new StorageBucketObject(this, name, {
        bucket: bucketName,
        name,
        source: asset.path,
        contentType,
        cacheControl: CACHE_CONTROL,
      });
    }
  }
}
