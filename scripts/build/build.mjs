/**
 * `npm run build`: every function of the contract to `dist/functions/<name>/{index.js,package.json,package-lock.json}`
 * and `dist/functions/<name>.zip` (what is uploaded), the agent to `dist/agent/agent.js`, the gate to
 * `dist/gate/gate.js`, the pages to `dist/web`. The same input gives the same bytes, so a content hash is a version.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleForDeploy, load, ROOT, replaceFile } from './bundle.mjs';
import { buildWeb } from './web.mjs';

const FRAMEWORK = '@google-cloud/functions-framework';
/** The programs of a media VM, one bundle each. */
const NODE_PROGRAMS = ['agent', 'gate'];

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const { functionLock } = await load(join(ROOT, 'scripts/build/function-lock.ts'));
const { zip } = await load(join(ROOT, 'scripts/build/zip.ts'));
const { FUNCTIONS, bundleFolder } = await load(join(ROOT, 'functions/contract/env/functions.ts'));

const dependencies = { [FRAMEWORK]: manifest.dependencies[FRAMEWORK] };
const functionManifest = (name) =>
  `${JSON.stringify({ name, private: true, main: 'index.js', dependencies }, null, 2)}\n`;

async function buildFunction(name) {
  const entry = `functions/${name}/main.ts`;
  if (!existsSync(join(ROOT, entry)))
    throw new Error(`${entry} is not there: '${name}' is in FUNCTIONS, so it needs an entry`);
  const files = {
    'index.js': await bundleForDeploy(entry, [FRAMEWORK]),
    'package.json': functionManifest(name),
    'package-lock.json': functionLock(lock, name, dependencies),
  };
  for (const [file, contents] of Object.entries(files)) replaceFile(join(ROOT, bundleFolder(name), file), contents);
  replaceFile(join(ROOT, `${bundleFolder(name)}.zip`), zip(files));
  return report(bundleFolder(name), files['index.js']);
}

async function buildNodeProgram(name) {
  const entry = `srs-image/${name}/main.ts`;
  if (!existsSync(join(ROOT, entry))) throw new Error(`${entry} is not there: the node image needs it`);
  const contents = await bundleForDeploy(entry);
  replaceFile(join(ROOT, `dist/${name}/${name}.js`), contents);
  return report(`dist/${name}`, contents);
}

async function buildPages() {
  const files = await buildWeb();
  return report(
    'dist/web',
    Buffer.concat(
      Object.keys(files)
        .sort()
        .map((name) => Buffer.from(files[name])),
    ),
  );
}

function report(folder, contents) {
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 12);
  return `${folder.padEnd(32)} ${(contents.length / 1e6).toFixed(2).padStart(6)} MB  ${hash}`;
}

/** A function that was taken out of the contract leaves nothing to deploy. */
function removeStale() {
  const folder = join(ROOT, 'dist/functions');
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder)) {
    if (!(file.replace(/\.zip$/, '') in FUNCTIONS)) rmSync(join(folder, file), { recursive: true });
  }
}

removeStale();
const results = await Promise.allSettled([
  ...Object.keys(FUNCTIONS).map(buildFunction),
  ...NODE_PROGRAMS.map(buildNodeProgram),
  buildPages(),
]);
for (const { value } of results) if (value) console.log(value);
for (const { reason } of results) if (reason) console.error(reason.message);
if (results.some(({ status }) => status === 'rejected')) process.exitCode = 1;
