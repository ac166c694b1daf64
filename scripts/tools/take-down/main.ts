import { StreamId } from '../../../functions/contract/ids';
import { CliError } from '../google/cli-error';
import { parseCommandLine, runCommand } from '../google/command';
import { deployed } from '../smoke/deployed';
import { targetOf } from '../smoke/target';
import { takeStreamDown } from './take-stream-down';

const USAGE = `usage: npm run take-down -- <env> <stream id>
       PLATFORM_API=https://host ADMIN_KEY=... npm run take-down -- <stream id>

Nobody publishes or plays the stream any more, cached or not, and its recordings are out of reach. Asked again, it is done again.
  --delete          for good: the stream, its recordings and its history are removed
  --reason <words>  kept with the suspension, for operators
Says step by step what is done, and ends with 1 as long as the CDN has not forgotten all of it.`;

runCommand(async () => {
  const options = {
    delete: { type: 'boolean' },
    reason: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const { values, positionals } = parseCommandLine(
    { args: process.argv.slice(2), allowPositionals: true, options },
    USAGE,
  );
  if ('help' in values) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const aimed = targetOf(process.env);
  const [environment, id] = aimed === undefined ? positionals : [undefined, positionals[0]];
  if (id === undefined || positionals.length > (aimed === undefined ? 2 : 1)) throw new CliError(USAGE);
  const streamId = StreamId.safeParse(id);
  if (!streamId.success) throw new CliError(`stream id '${id.slice(0, 40)}': use 16 of a-z, 0-9`);
  const target = aimed ?? (await deployed(environment ?? ''));
  const { delete: forGood = false, reason } = values;
  const order = { streamId: streamId.data, forGood, reason };
  return (await takeStreamDown(target, order, (line) => void process.stdout.write(`${line}\n`))) ? 0 : 1;
});
