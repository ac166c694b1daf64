import { existsSync } from 'node:fs';
import { CliError } from '../../google/cli-error';

/** Paths of peers that are built or installed outside the repository. */
export interface PeerPaths {
  /** A folder where `npm install m3u8-parser hls-parser` was run. */
  readonly parsersFolder?: string;
  /** MediaMTX, built by its own documentation. */
  readonly mediaMtx?: string;
  readonly missing: readonly string[];
}

function fromEnv(name: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const value = env[name];
  if (value === undefined || value === '') return undefined;
  if (!existsSync(value)) throw new CliError(`${name} '${value}': use a path that exists`);
  return value;
}

/** Reads PEERS_DIR and MEDIAMTX_BIN; `missing` says what to set for what is not there. */
export function peersOf(env: Readonly<Record<string, string | undefined>>): PeerPaths {
  const parsersFolder = fromEnv('PEERS_DIR', env);
  const mediaMtx = fromEnv('MEDIAMTX_BIN', env);
  return {
    ...(parsersFolder !== undefined && { parsersFolder }),
    ...(mediaMtx !== undefined && { mediaMtx }),
    missing: [
      ...(parsersFolder === undefined
        ? ['m3u8-parser and hls-parser (set PEERS_DIR to a folder where npm installed both)']
        : []),
      ...(mediaMtx === undefined ? ['MediaMTX (set MEDIAMTX_BIN to the program)'] : []),
    ],
  };
}
