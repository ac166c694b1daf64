import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { FunctionName } from '../../../../functions/contract/env/functions';

export type PeerName = 'firestore' | 'storage' | 'both';

/** The functions that have one Google client alone. */
const ONE_CLIENT: Readonly<Partial<Record<FunctionName, PeerName>>> = {
  'hls-publisher': 'storage',
  'srs-hooks': 'firestore',
  'event-relay': 'firestore',
  'budget-guard': 'firestore',
};

/** The peers there are. */
export const PEERS: readonly PeerName[] = ['firestore', 'storage', 'both'];

/** The peer with the same Google clients as a function has; both unless `ONE_CLIENT` says otherwise. */
export const peerNameOf = (name: FunctionName): PeerName => ONE_CLIENT[name] ?? 'both';

/** Bundles a peer as functions are bundled, into `folder`, which the framework takes as its source. */
export async function bundlePeer(name: PeerName, folder: string): Promise<void> {
  await build({
    entryPoints: [join(__dirname, `peer-${name}.ts`)],
    outfile: join(folder, 'index.js'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
    logLevel: 'silent',
    external: ['@google-cloud/functions-framework'],
  });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: `peer-${name}`, main: 'index.js' }));
}
