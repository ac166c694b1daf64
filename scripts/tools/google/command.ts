import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CliError, isForPeople } from './cli-error';

/**
 * Runs a command to its exit code. What people can put right is one message; the rest names the error, with its trace.
 */
export function runCommand(command: () => Promise<number>): void {
  command().then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(`${isForPeople(error) ? error.message : error instanceof Error ? error.stack : error}\n`);
      process.exitCode = 1;
    },
  );
}

/** The command line, as `config` has it; what it does not know is one sentence with `usage` behind it. */
export function parseCommandLine<T extends ParseArgsConfig>(config: T, usage: string) {
  try {
    return parseArgs(config);
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split(/[.\n]/);
    throw new CliError(`${reason}\n${usage}`);
  }
}
