import { readFileSync } from 'node:fs';

/** The commands that a Markdown page has a reader type. */
export interface PageCommands {
  readonly text: string;
  /** Each use of a command, wherever on a line it stands: `npm run keys -- dev init`. */
  usesOf(command: string): string[];
}

/** Commands of a page: what stands in backticks, or in a block of `sh`. */
export function pageCommands(path: string): PageCommands {
  const text = readFileSync(path, 'utf8');
  const lines = [
    ...[...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].flatMap(([, block = '']) => block.split('\n')),
    ...[...text.replace(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, inline = '']) => inline),
  ];
  return {
    text,
    usesOf: (command) => lines.flatMap((line) => line.match(new RegExp(`(?<![\\w./-])${command} [^|)]*`, 'g')) ?? []),
  };
}
