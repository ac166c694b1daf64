/**
 * `node scripts/build/run.mjs <entry.ts> [args]`: bundles a TypeScript program and runs it in this process, so that
 * signals, exit codes and standard streams are its own.
 */
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { bundleForRun } from './bundle.mjs';

const [node, , entry, ...args] = process.argv;
if (entry === undefined) {
  console.error('usage: node scripts/build/run.mjs <entry.ts> [args]');
  process.exit(2);
}
const program = await bundleForRun(entry).catch(({ message }) => {
  console.error(message);
  process.exit(1);
});
process.argv = [node, resolve(entry), ...args];
process.setSourceMapsEnabled(true);
createRequire(import.meta.url)(program);
