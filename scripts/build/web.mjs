import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { ROOT, replaceFile } from './bundle.mjs';

const OUT = join(ROOT, 'dist/web');
const PAGES = ['index', 'watch', 'publish', 'two-way', 'embed-code', 'console', '404'];
const AS_IT_IS = Object.fromEntries(
  [...PAGES.map((page) => `${page}.html`), 'style.css'].map((name) => [name, `web/${name}`]),
);

/** zod has its errors in forty languages, which no page shows. Without them a page is 300 kB smaller. */
const withoutLocales = {
  name: 'without-locales',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/locales\/index\.js$/ }, () => ({ path: 'locales', namespace: 'empty' }));
    onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: '' }));
  },
};

const SHARED = {
  absWorkingDir: ROOT,
  outdir: OUT,
  plugins: [withoutLocales],
  bundle: true,
  write: false,
  minify: true,
  platform: 'browser',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'silent',
};

/**
 * Builds the pages: `dist/web` is the content of the pages bucket. Pages load nothing from another host. Returns the
 * files' contents by name.
 */
export async function buildWeb() {
  const { outputFiles: watch } = await build({
    ...SHARED,
    entryPoints: { watch: 'web/watch/main.ts' },
    // Loads hls.js as a file of its own, `hls.light.js` or `hls.js`: most streams need the small one alone.
    splitting: true,
    chunkNames: '[name]',
    format: 'esm',
  });
  const { outputFiles } = await build({
    ...SHARED,
    entryPoints: {
      index: 'web/home/main.ts',
      publish: 'web/publish/main.ts',
      'two-way': 'web/two-way/main.ts',
      'embed-code': 'web/embed-code/main.ts',
      console: 'web/console/main.ts',
      // Loaded by the page to watch where the stream has a chat.
      chat: 'web/chat/pane.ts',
      sdk: 'web/sdk/index.ts',
    },
    format: 'esm',
  });
  const { outputFiles: iife } = await build({
    ...SHARED,
    entryPoints: { 'sdk.iife': 'web/sdk/index.ts' },
    globalName: 'SrsLive',
    format: 'iife',
  });
  const files = Object.fromEntries(
    [...watch, ...outputFiles, ...iife].map(({ path, contents }) => [relative(OUT, path), contents]),
  );
  for (const [name, source] of Object.entries(AS_IT_IS)) files[name] = readFileSync(join(ROOT, source));
  // The player alone, for a frame on another page: the same player, with a style that shows only the picture and the
  // words.
  files['embed.html'] = String(files['watch.html']).replace('<body class="watch"', '<body class="watch embed"');
  for (const [name, contents] of Object.entries(files)) replaceFile(join(OUT, name), contents);
  return files;
}
