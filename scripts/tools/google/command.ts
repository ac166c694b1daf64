import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CliError, isForPeople } from './cli-error';

/**
 * Runs a command to its exit code. A trouble that people can correct is one message; any other error is named with its
 * trace.
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

/** Parses the command line by `config`; an unknown option is answered with one sentence and `usage`. */
export function parseCommandLine<T extends ParseArgsConfig>(config: T, usage: string) {
  try {
    return parseArgs(config);
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split(/[.\n]/);
    throw new CliError(`${reason}\n${usage}`);
  }
}

type Options = NonNullable<ParseArgsConfig['options']>;
const HELP = { type: 'boolean', short: 'h' } as const;

/** Returns the caller's options by name, and the other words in their order. */
function readCommandLine<const T extends Options>(options: T, usage: string) {
  const all = { ...options, help: HELP };
  return parseCommandLine({ args: process.argv.slice(2), allowPositionals: true, options: all }, usage);
}

/**
 * Runs a command over its command line, to its exit code. `--help` prints `usage`; a command line that has an unknown
 * option is answered with a sentence and `usage`.
 */
export function runCommandLine<const T extends Options>(
  usage: string,
  options: T,
  command: (line: ReturnType<typeof readCommandLine<T>>) => Promise<number>,
): void {
  runCommand(async () => {
    const line = readCommandLine(options, usage);
    if (!('help' in line.values)) return command(line);
    process.stdout.write(`${usage}\n`);
    return 0;
  });
}
