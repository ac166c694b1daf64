import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../../google/cli-error';
import { runCommand } from '../../google/command';
import { COLLECTIONS } from './collections';
import { Discovery, shapesFrom } from './discovery';

const USAGE = `usage: node scripts/build/run.mjs scripts/tools/rehearsal/shapes/main.ts <folder>

Rewrites google-shapes.json from Google's discovery documents in <folder>, with names such as compute.v1.json. Each API
has its own at https://<api>.googleapis.com/$discovery/rest, and Google's client for Python has them all.`;

runCommand(async () => {
  const [folder, ...more] = process.argv.slice(2);
  if (folder === undefined || more.length > 0) throw new CliError(USAGE);
  const all = Object.entries(COLLECTIONS).map(([api, collections]) => {
    const document = Discovery.parse(JSON.parse(readFileSync(join(folder, `${api}.json`), 'utf8')));
    return [api, shapesFrom(document, collections)];
  });
  writeFileSync(join(__dirname, './google-shapes.json'), `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
  return 0;
});
