import { StreamId } from '../../../functions/contract/ids';
import { CliError } from '../google/cli-error';
import { runCommandLine } from '../google/command';
import { deployed } from '../smoke/deployed';
import { targetOf } from '../smoke/target';
import { takeStreamDown } from './take-stream-down';

const USAGE = `usage: npm run take-down -- <env> <stream id>
       PLATFORM_API=https://host ADMIN_KEY=... npm run take-down -- <stream id>

Stops a stream: nobody can publish or play it any more, not even from the CDN's cache, and nobody can reach its
recordings. The command may be repeated.
  --delete          delete the stream, its recordings and its history for good
  --reason <words>  the reason, kept with the suspension for operators
Prints each step. The exit code is 1 while the CDN's cache still has some of the media.`;

runCommandLine(USAGE, { delete: { type: 'boolean' }, reason: { type: 'string' } }, async ({ values, positionals }) => {
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
