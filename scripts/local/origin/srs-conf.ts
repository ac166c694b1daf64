import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../../emulators/server/start-error';
import { PROJECT_ROOT } from './project-root';

/** The configuration of the cloud, unchanged: the settings that differ on one machine come by environment. */
export const SRS_CONF = join(PROJECT_ROOT, 'srs-image/rootfs/etc/srs/srs.conf');

/** The script that runs SRS there, with keys removed from its output. */
export const SRS_SCRIPT = join(PROJECT_ROOT, 'srs-image/rootfs/etc/srs/srs.sh');

/** The settings of the file that the local stack uses. */
export interface SrsConf {
  /** Actions that are posted: `on_publish` and so on. */
  readonly hooks: readonly string[];
  readonly fragmentSeconds: number;
  /** A key frame cuts from this part of a fragment on. */
  readonly cutRatio: number;
  /** Without a key frame audio cuts after this many fragments. */
  readonly absoluteRatio: number;
  readonly windowSeconds: number;
}

/** A hook: its directive is its action, and the agent's path ends with it. */
const HOOK = /^\s*(on_\w+)\s+http:\/\/127\.0\.0\.1:\d+\/srs\/on_\w+\s*;/gm;

/** Parses the file. Rejects with one sentence if a setting is missing. */
export function parseSrsConf(text: string): SrsConf {
  const hooks = [...text.matchAll(HOOK)].flatMap(([, action]) => (action === undefined ? [] : [action]));
  if (hooks.length === 0)
    throw new StartError("srs.conf: no hook 'on_... http://127.0.0.1:<port>/srs/on_...;' on a line of its own");
  return {
    hooks,
    fragmentSeconds: numberOf(text, 'hls_fragment'),
    cutRatio: numberOf(text, 'hls_td_ratio'),
    absoluteRatio: numberOf(text, 'hls_aof_ratio'),
    windowSeconds: numberOf(text, 'hls_window'),
  };
}

function numberOf(text: string, directive: string): number {
  const [, value] = new RegExp(`^\\s*${directive}\\s+([0-9.]+)\\s*;`, 'm').exec(text) ?? [];
  if (value === undefined) throw new StartError(`srs.conf: no '${directive} <number>;' on a line of its own`);
  return Number(value);
}

export const readSrsConf = (): SrsConf => parseSrsConf(readFileSync(SRS_CONF, 'utf8'));
