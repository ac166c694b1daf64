import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { pageCommands } from './page-commands';

/**
 * A command that a Markdown page has its reader type. `words`: what the reader puts in the place of what the page says.
 */
export interface PageCommand {
  page: string;
  /** The section it is the first of its kind in. */
  heading: string;
  command: string;
  words: Readonly<Record<string, string>>;
}

/** The command as a reader types it. Throws if the section has none. */
export function typed({ page, heading, command, words }: PageCommand): string {
  const section = readFileSync(page, 'utf8')
    .split(/^## /m)
    .find((each) => each.startsWith(`${heading}\n`));
  const found = pageCommands(page)
    .usesOf(command)
    .find((each) => section?.includes(each));
  if (found === undefined) throw new Error(`${page}, '${heading}': no '${command}'`);
  return Object.entries(words).reduce((line, [word, value]) => line.replaceAll(word, value), found);
}

/** Runs it in a shell, as its reader does; `firstLineAt`: when it first said something of its own, in milliseconds. */
export async function runPageCommand(given: PageCommand, env: Readonly<Record<string, string>>) {
  const child = spawn('sh', ['-c', `${typed(given).trim()}`], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', npm_config_loglevel: 'silent', ...env },
  });
  let firstLineAt = Number.NaN;
  child.stdout.once('data', () => {
    firstLineAt = Date.now();
  });
  child.stdin.end();
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr, firstLineAt };
}
