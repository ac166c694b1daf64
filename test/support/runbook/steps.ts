import { pageCommands } from '../platform/page-commands';

/** A program that the runbook has its reader type, and where its commands are tried. */
export interface RunbookProgram {
  /** The beginning of its commands. */
  readonly program: string;
  readonly tried: string;
}

const { text, usesOf } = pageCommands('infra/RUNBOOK.md');

/** The rows of the table "Where these commands are tried". */
export const triedPrograms: readonly RunbookProgram[] = [...text.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)]
  .filter(({ index }) => index > text.indexOf('## Where these commands are tried'))
  .map(([, program = '', tried = '']) => ({ program, tried }));

/** The calls of the API, as the page has them, without what stands behind a pipe. */
export const apiCalls: readonly string[] = [...new Set(usesOf('api').map((line) => line.trim()))];

/** The shell functions that the page begins with, for a platform at `origin` instead of `https://$HOST`. */
export function prologue(origin: string): string {
  const [, block = ''] = /^```sh\n([\s\S]*?)^```/m.exec(text) ?? [];
  const api = block.split('\n').find((line) => line.startsWith('api() {'));
  if (api === undefined) throw new Error('infra/RUNBOOK.md: no api() in its first block');
  return api.replace('https://$HOST', origin);
}
