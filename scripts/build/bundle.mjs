import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Packages that are ES modules only: they go into the bundle, because a CommonJS bundle cannot require them on every
 * Node 20.
 */
const ESM_ONLY = ['jose', 'node-media-server'];

const isFile = (specifier) => /^[./]/.test(specifier);
const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Every package stays outside the bundle, but for those of `ESM_ONLY`. */
const externalPackages = {
  name: 'external-packages',
  setup: ({ onResolve }) =>
    onResolve({ filter: /.*/ }, ({ path, kind }) =>
      kind === 'entry-point' || isFile(path) || ESM_ONLY.includes(packageOf(path))
        ? undefined
        : { path, external: true },
    ),
};

/**
 * `__dirname` means the source's folder, as under jest, and not the bundle's. On the first line, so that line numbers
 * stay.
 */
const ownDirname = {
  name: 'own-dirname',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!source.includes('__dirname') || path.includes('node_modules')) return undefined;
      return { contents: `const __dirname = ${JSON.stringify(dirname(path))}; ${source}`, loader: 'ts' };
    }),
};

const SHARED = {
  absWorkingDir: ROOT,
  bundle: true,
  write: false,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  logLevel: 'silent',
};

async function bundle(options) {
  const { outputFiles, errors } = await build({ ...SHARED, ...options }).catch((failure) => failure);
  if (errors?.length) throw new Error(errors.map(sentence).join('\n'));
  return outputFiles;
}

const sentence = ({ text, location }) =>
  `${location ? `${location.file}:${location.line}:${location.column}: ` : ''}${text}`;

/** Returns the deployed bundle: everything but `external` in one file. The same input gives the same bytes. */
export async function bundleForDeploy(entry, external = []) {
  const [file] = await bundle({ entryPoints: [entry], external, legalComments: 'none' });
  return file.contents;
}

/** Bundles a developer's program, with source maps, packages outside. Returns the bundle's path, below `dist/run`. */
export async function bundleForRun(entry) {
  const path = relative(ROOT, resolve(entry));
  if (path.startsWith('..')) throw new Error(`${entry}: use a program inside ${ROOT}`);
  const outfile = join(ROOT, 'dist/run', path.replace(/\.ts$/, '.cjs'));
  const files = await bundle({
    entryPoints: [resolve(entry)],
    outfile,
    sourcemap: true,
    plugins: [externalPackages, ownDirname],
  });
  for (const file of files) replaceFile(file.path, file.contents);
  return outfile;
}

/** Loads the exports of a TypeScript module. */
export async function load(entry) {
  return createRequire(import.meta.url)(await bundleForRun(entry));
}

/** Replaces a file at once: readers see the old content or the new one. */
export function replaceFile(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}
