import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { ROOT, replaceFile } from './bundle.mjs';

const OUT = join(ROOT, 'dist/web');
/** hls.js's own worker, loaded by the player from beside the page. */
const WORKER = join(dirname(createRequire(import.meta.url).resolve('hls.js')), 'hls.worker.js');
const AS_IT_IS = Object.fromEntries(
  ['index.html', 'watch.html', 'publish.html', 'two-way.html', 'embed-code.html', 'console.html', 'style.css'].map(
    (name) => [name, `web/${name}`],
  ),
);

/** zod has its errors in forty languages, which no page shows. Without them a page is 300 kB smaller. */
const withoutLocales = {
  name: 'without-locales',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/locales\/index\.js$/ }, () => ({ path: 'locales', namespace: 'empty' }));
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: '' }));
  },
};

/**
 * Builds the pages: `dist/web` is the content of the pages bucket. Pages load nothing from another host. Returns the
 * files' contents by name.
 */
export async function buildWeb() {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: {
      index: 'web/home/main.ts',
      watch: 'web/watch/main.ts',
      publish: 'web/publish/main.ts',
      'two-way': 'web/two-way/main.ts',
      'embed-code': 'web/embed-code/main.ts',
      console: 'web/console/main.ts',
      sdk: 'web/sdk/index.ts',
    },
    outdir: OUT,
    // The whole hls.js: its small build plays no sound that is a rendition of its own, as all of CMAF has.
    plugins: [withoutLocales],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const { outputFiles: iife } = await build({
    absWorkingDir: ROOT,
    entryPoints: { 'sdk.iife': 'web/sdk/index.ts' },
    outdir: OUT,
    globalName: 'SrsLive',
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const files = Object.fromEntries(
    [...outputFiles, ...iife].map(({ path, contents }) => [relative(OUT, path), contents]),
  );
  for (const [name, source] of Object.entries(AS_IT_IS)) files[name] = readFileSync(join(ROOT, source));
  // The player alone, for a frame on another page: the same player, with a style that shows only the picture and the
  // words.
  files['embed.html'] = String(files['watch.html']).replace('<body class="watch"', '<body class="watch embed"');
  // Without the comment that names a source map, which is not built.
  files['hls.worker.js'] = readFileSync(WORKER, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
  for (const [name, contents] of Object.entries(files)) replaceFile(join(OUT, name), contents);
  return files;
}
