import { CliError } from '../google/cli-error';
import { runProgram } from './run-program';

/**
 * Runs another command of this project, and says on what it said; an exit code other than 0 is a message that names it.
 */
export async function runOwn(name: string, args: readonly string[], say: (line: string) => void): Promise<void> {
  const { code, said } = await runProgram(name, args);
  for (const line of said) say(line);
  if (code !== 0)
    throw new CliError(
      `npm run ${name} -- ${args.join(' ')} failed: correct the reported problems, then run the same command again`,
    );
}
