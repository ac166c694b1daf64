const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { transformSync, version } = require('esbuild');

const self = readFileSync(__filename);

/** Code that esbuild adds to a module: no branch of it is the module's own, so coverage leaves it out. */
const ADDED = /^(?=var __\w+ = |0 && )/gm;

/** Jest transformer: one esbuild pass a file, types erased (they are checked by `npm run types`). */
module.exports = {
  canInstrument: false,
  // Nothing here depends on the configuration, and it names the folder of a run's coverage, which is new each time.
  getCacheKey: (source, file, options) =>
    createHash('sha1')
      .update(source)
      .update('\0')
      .update(file)
      .update(version)
      .update(self)
      .update('\0')
      .update(options.instrument ? 'counted' : '')
      .digest('hex'),
  process: (source, file) => {
    const { code, map } = transformSync(source, {
      loader: file.endsWith('.ts') ? 'ts' : 'js',
      format: 'cjs',
      target: 'node20',
      sourcemap: 'both',
      sourcefile: file,
    });
    return { code: code.replace(ADDED, '/* istanbul ignore next */ '), map };
  },
};
