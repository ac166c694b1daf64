const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { transformSync, version } = require('esbuild');

const self = readFileSync(__filename);

/** Jest transformer: one esbuild pass a file, types erased (they are checked by `npm run types`). */
module.exports = {
  canInstrument: false,
  getCacheKey: (source, file, options) =>
    createHash('sha1')
      .update(source)
      .update('\0')
      .update(file)
      .update(version)
      .update(self)
      .update(options.configString)
      .digest('hex'),
  process: (source, file) => {
    const { code, map } = transformSync(source, {
      loader: file.endsWith('.ts') ? 'ts' : 'js',
      format: 'cjs',
      target: 'node20',
      sourcemap: 'both',
      sourcefile: file,
    });
    return { code, map };
  },
};
