import { join } from 'node:path';
import { build } from 'esbuild';
import type { BuiltInConfig } from '../../emulators/srs/config';
import { BUILT_IN, type Launch } from './launch';
import type { OriginOptions } from './origin';
import { PROJECT_ROOT } from './project-root';
import { readSrsConf } from './srs-conf';

/**
 * Launches the built-in origin as a process of its own: a bundle in the run folder, packages inside, run by this Node.
 */
export function builtInLaunch(options: OriginOptions): Launch {
  const { rtmpPort, apiPort, hooksUrl, hlsRoot, nodeId } = options;
  const { hooks, fragmentSeconds, cutRatio, absoluteRatio, windowSeconds } = readSrsConf();
  const milliseconds = (ratio: number) => Math.round(fragmentSeconds * ratio * 1000);
  const hls = {
    fragmentMs: milliseconds(cutRatio),
    absoluteMs: milliseconds(absoluteRatio),
    windowMs: windowSeconds * 1000,
  };
  const httpPort = options.media?.httpPort;
  const config: BuiltInConfig = {
    rtmpPort,
    apiPort,
    ...(httpPort && { httpPort }),
    hooksUrl,
    hlsRoot,
    nodeId,
    hooks: [...hooks],
    hls,
  };
  return {
    label: BUILT_IN,
    prepare: async (runFolder) => {
      const outfile = join(runFolder, 'built-in-origin.cjs');
      await build({
        absWorkingDir: PROJECT_ROOT,
        entryPoints: ['scripts/emulators/srs/main.ts'],
        outfile,
        bundle: true,
        platform: 'node',
        format: 'cjs',
        target: 'node20',
        logLevel: 'silent',
      });
      return { command: process.execPath, args: [outfile, JSON.stringify(config)], env: {}, channel: true };
    },
  };
}
