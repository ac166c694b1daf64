import { CliError } from '../google/cli-error';
import { runCommandLine } from '../google/command';
import { deployed } from '../smoke/deployed';
import { targetOf } from '../smoke/target';
import { setPriority } from './cdn-priority';

const USAGE = `usage: npm run cdns -- <env>
       PLATFORM_API=https://host ADMIN_KEY=... npm run cdns --

Shows the CDNs of open streams, and the order in which viewers use them.
  --priority <names>  set the order for all open streams: the names of all CDNs with commas, e.g. second,main
  --by-weight         remove the order: the weights hold again
Viewers follow within the time that is printed.`;

const OPTIONS = { priority: { type: 'string' }, 'by-weight': { type: 'boolean' } } as const;

runCommandLine(USAGE, OPTIONS, async ({ values, positionals }) => {
  const aimed = targetOf(process.env);
  const [environment] = positionals;
  if (positionals.length !== (aimed === undefined ? 1 : 0)) throw new CliError(USAGE);
  const { priority, 'by-weight': byWeight } = values;
  if (priority !== undefined && byWeight) throw new CliError(`--priority and --by-weight: use one of them\n${USAGE}`);
  const target = aimed ?? (await deployed(environment ?? ''));
  const names = priority?.split(',').map((name) => name.trim());
  const wanted = names && ({ kind: 'priority', priority: names } as const);
  process.stdout.write(await setPriority(target, byWeight ? { kind: 'by-weight' } : wanted));
  return 0;
});
