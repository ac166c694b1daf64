import { z } from 'zod';
import { defined } from '../../../functions/core/defined';
import { CliError } from '../google/cli-error';
import { runCommandLine } from '../google/command';
import { StackJson } from '../google/stack-json';
import { monthOf } from './model';
import { costReport } from './report';
import { sizeOf } from './size';

const USAGE = `usage: npm run cost -- <env> [options]

Estimates what an environment costs in a month, by item, at list prices. Works offline, without an account.

  --streams N      streams live at a time (default 10)
  --viewers N      viewers of all of them together (default 500)
  --hours N        hours of the month in which they are live (default 100)
  --bitrate N      Mbit/s a viewer gets (default 2.5)
  --broadcasts N   broadcasts that begin and end in that time (default 20)
  --keep-days N    days its segments are kept (default: the environment's own retention)
  --locations N    CDN locations that fill their caches (default 3)
  --key-seconds N  seconds that a key of encrypted streams is used (default 0: nothing is encrypted)
  --chat-readers N readers of chats at a time (default 0: there is no chat)
  --json           the items as JSON`;

const amount = (least: number, most: number) =>
  z.coerce
    .number(`use a number from ${least} to ${most}`)
    .min(least, `use ${least} to ${most}`)
    .max(most, `use ${least} to ${most}`);
const whole = (least: number, most: number) => amount(least, most).int('use a whole number');
const Options = z.object({
  streams: whole(0, 100_000).default(10),
  viewers: whole(0, 100_000_000).default(500),
  hours: amount(0.1, 744).default(100),
  bitrate: amount(0.05, 100).default(2.5),
  broadcasts: whole(1, 100_000).default(20),
  'keep-days': amount(0, 3650).optional(),
  locations: whole(1, 200).default(3),
  'key-seconds': amount(0, 86_400).default(0),
  'chat-readers': whole(0, 1_000_000).default(0),
});

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean' } as const;

function usageOf(values: Readonly<Record<string, unknown>>) {
  const parsed = Options.safeParse(values);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `--${path[0]?.toString()} '${values[String(path[0])]}': ${message}`,
    );
    throw new CliError(problems.join('\n'));
  }
  const { 'keep-days': keepDays, 'key-seconds': keySeconds, 'chat-readers': chatReaders, ...rest } = parsed.data;
  return { ...rest, keepDays, keySeconds, chatReaders };
}

const NAMES = Object.fromEntries(Object.keys(Options.shape).map((name) => [name, TEXT]));

runCommandLine(USAGE, { ...NAMES, json: FLAG }, async ({ values, positionals }) => {
  const [environment, ...more] = positionals;
  if (environment === undefined || more.length > 0) throw new CliError(USAGE);
  const { keepDays, ...said } = usageOf(values);
  const size = sizeOf(await StackJson.open(environment));
  const usage = { ...said, keepDays: keepDays ?? size.keepDays };
  const items = monthOf(size, usage);
  process.stdout.write(
    'json' in values
      ? `${JSON.stringify({ environment, usage, items })}\n`
      : costReport(environment, items, { ...usage, ...defined({ edges: size.edges }) }),
  );
  return 0;
});
