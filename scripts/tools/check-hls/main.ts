import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { CliError } from '../google/cli-error';
import { parseCommandLine, runCommand } from '../google/command';
import { Follower, type SeenFinding } from './follow';
import { reader } from './read';

const USAGE = `usage: npm run check-hls -- <url> [options]

Reads the HLS playlists at a URL as a player does, follows them while they are live, and names each rule of
draft-pantos-hls-rfc8216bis that is broken, by its clause. Works on any server.

  --seconds N          how long live playlists are followed (default 30; 0: one look)
  --header 'Name: v'   a header for the server of the URL, for instance the Cookie of a grant; can be repeated
  --no-media           reads playlists only, no segments
  --json               the findings as JSON

Ends with 0 when nothing is broken, 1 when something is, and 2 when there is no playlist at the URL.`;

const Seconds = z.coerce.number('--seconds: use a whole number from 0 to 86400').int().min(0).max(86_400);
const Header = z
  .string()
  .regex(/^[A-Za-z0-9-]+: ?[\x20-\x7e]+$/, "use 'Name: value'")
  .transform((text) => [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1).trim()] as const);

function settings(args: string[]) {
  const options = {
    seconds: { type: 'string', default: '30' },
    header: { type: 'string', multiple: true, default: [] as string[] },
    'no-media': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  const { values, positionals } = parseCommandLine({ args, allowPositionals: true, options }, USAGE);
  const [url, ...more] = positionals;
  if (values.help) return undefined;
  if (url === undefined || more.length > 0) throw new CliError(USAGE);
  const seconds = Seconds.safeParse(values.seconds);
  if (!seconds.success) throw new CliError(`--seconds '${values.seconds}': use a whole number from 0 to 86400`);
  const headers = values.header.map((text) => Header.safeParse(text));
  if (headers.some(({ success }) => !success)) throw new CliError("--header: use 'Name: value'");
  const sent = Object.fromEntries(headers.flatMap(({ data }) => (data === undefined ? [] : [data])));
  return { url, seconds: seconds.data, headers: sent, withMedia: !values['no-media'], isJson: values.json };
}

const sentence = ({ url, clause, line, message, times }: SeenFinding): string =>
  `${url}${line === 0 ? '' : `:${line}`}: ${clause}: ${message}${times === 1 ? '' : ` (${times} times)`}`;

runCommand(async () => {
  const set = settings(process.argv.slice(2));
  if (set === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const follower = new Follower(set.url, {
    read: reader(set.url, set.headers),
    nowMs: Date.now,
    withMedia: set.withMedia,
  });
  const until = Date.now() + set.seconds * 1000;
  const isThere = await follower.look();
  for (let wait = follower.nextLookMs; wait !== undefined && Date.now() + wait < until; wait = follower.nextLookMs) {
    await sleep(wait);
    await follower.look();
  }
  const { broken, counts } = follower;
  if (set.isJson) process.stdout.write(`${JSON.stringify({ ...counts, broken }, null, 2)}\n`);
  else {
    for (const each of broken) process.stdout.write(`${sentence(each)}\n`);
    const { playlists, segments, looks } = counts;
    process.stdout.write(
      `${playlists} playlists, ${segments} segments, ${looks} looks: ${broken.length} rules broken\n`,
    );
  }
  if (!isThere) return 2;
  return broken.length === 0 ? 0 : 1;
});
