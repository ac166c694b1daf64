import type { Compose } from '../compose/compose';
import type { Launch } from './launch';
import type { OriginOptions } from './origin';
import { readSrsConf } from './srs-conf';
import { srsEnvironment } from './srs-launch';

/** Returns the variables of the service `srs` of the Compose file: those of any SRS here, and its identity. */
export const srsVariables = (options: OriginOptions): Record<string, string> => ({
  ...srsEnvironment(options, readSrsConf()),
  SRS_USER: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
});

/**
 * Launches SRS from the image of the cloud, in the foreground, so that it ends as any origin does. The image is built
 * first, which takes minutes.
 */
export const composeLaunch = (compose: Compose): Launch => ({
  label: 'srs (docker compose)',
  prepare: async () => {
    await compose.run('build', 'srs');
    return {
      command: 'docker',
      args: compose.args('up', '--no-deps', '--no-log-prefix', '--exit-code-from', 'srs', 'srs'),
      env: compose.env,
      channel: false,
      killHard: () => compose.run('kill', 'srs').catch(() => undefined), // it is already gone
    };
  },
});
