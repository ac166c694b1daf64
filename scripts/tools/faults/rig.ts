import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { jsonLog } from '../../../functions/adapters/log';
import { systemClock } from '../../../functions/adapters/system';
import { defined } from '../../../functions/core/defined';
import { prepare } from '../../local/command/prepare';
import { type Ports, portsFrom } from '../../local/ports';
import { LocalStack } from '../../local/stack';
import type { StackOptions } from '../../local/stack-options';
import { CliError } from '../google/cli-error';
import type { StackPart } from './fault';

const ROOT = join(__dirname, '../../..');

export interface RigOptions {
  readonly portBase: number;
  /** File for every line of every process. @default none */
  readonly logFile?: string;
  /** Makes a Firestore at a port, in place of the local one. @default none */
  readonly databaseAt?: StackOptions['databaseAt'];
  /** A second CDN: the percentage of streams whose viewers begin there. @default none */
  readonly secondCdnWeight?: number;
  /** Folder with a repository's bundles and Terraform. @default this repository, built if need be */
  readonly root?: string;
}

/** A whole local platform under this process's control, on `SRS_BIN` or the built-in origin. */
export interface Rig {
  readonly stack: LocalStack;
  readonly ports: Ports;
  /** Process id of a part; throws when it does not run. */
  pid(part: StackPart): number;
  stop(): Promise<void>;
}

/** Builds this repository's bundles and Terraform, unless they are of the present sources. */
export const buildHere = (): Promise<void> => prepare(ROOT, 'dev', { note: () => undefined, detail: () => undefined });

/** Builds the missing parts, and starts a platform without a stream. */
export async function startRig({
  portBase,
  logFile,
  root = ROOT,
  databaseAt,
  secondCdnWeight,
}: RigOptions): Promise<Rig> {
  const file = logFile === undefined ? undefined : createWriteStream(logFile);
  const output = (part: string, line: string): void => void file?.write(`${part.padEnd(14)} ${line}\n`);
  const { SRS_BIN: srsBin = '' } = process.env;
  if (root === ROOT) await buildHere();
  const ports = portsFrom(portBase);
  const stack = await LocalStack.create({
    root,
    environment: 'dev',
    ports,
    ffmpegPath,
    output,
    log: jsonLog((line) => output('stack', line), systemClock),
    docker: false,
    ...(srsBin !== '' && { srsBin }),
    ...defined({ databaseAt, secondCdnWeight }),
  });
  await stack.start();
  return {
    stack,
    ports,
    pid(part) {
      const pid = stack.processes()[part];
      if (pid === undefined) throw new CliError(`${part} does not run`);
      return pid;
    },
    async stop() {
      await stack.stop();
      file?.end();
    },
  };
}
