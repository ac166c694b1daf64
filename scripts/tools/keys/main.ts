import { text } from 'node:stream/consumers';
import { CliError } from '../google/cli-error';
import { parseCommandLine, runCommand } from '../google/command';
import { connect } from '../google/connect';
import { StackJson } from '../google/stack-json';
import { COMMANDS, type Option } from './commands';
import { environmentKeys } from './environment-keys';

const USAGE = `usage: npm run keys -- <env> <what> [options]

Makes secret values, in Secret Manager and at Cloud CDN. None is ever printed, or seen in an argument.

  init             whatever has no value yet, and the CDN's keys as far as its backends are there
  rotate           rotate the CDN's signing keys: the new key signs, and the previous one stays valid. It also completes an interrupted rotation
    --dry-run      says what would be done
    --now          although the last rotation is younger than an hour
    --revoke       removes all but the new key: every viewer has to ask for a new grant
  admin            a new admin key for the API
    --stdin        the one that comes by standard input
  tokens, turn     a new key of the platform's tokens, a new secret of the TURN servers: added behind the one that signs
    --promote      puts it in front, once everything that verifies was restarted

Read a value: gcloud secrets versions access latest --secret=srs-live-<env>-admin-key --project=<project>`;

const FLAG = { type: 'boolean' } as const;
const OPTIONS = { 'dry-run': FLAG, now: FLAG, revoke: FLAG, stdin: FLAG, promote: FLAG };
const isOption = (name: string): name is Option => name in OPTIONS;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Where the account of Cloud CDN comes to life, it does so within half a minute mostly. */
const FILL_WAIT_MS = 5000;

runCommand(async () => {
  const options = { ...OPTIONS, help: FLAG };
  const { values, positionals } = parseCommandLine(
    { args: process.argv.slice(2), allowPositionals: true, options },
    USAGE,
  );
  const [environment, what = '', ...more] = positionals;
  const command = COMMANDS[what];
  if ('help' in values) {
    say(USAGE);
    return 0;
  }
  if (environment === undefined || command === undefined || more.length > 0) throw new CliError(USAGE);
  const chosen = new Set(Object.keys(values).filter(isOption));
  const strange = [...chosen].find((option) => !command.takes.includes(option));
  if (strange !== undefined) throw new CliError(`'${what}' takes no --${strange}\n${USAGE}`);
  const stack = await StackJson.open(environment);
  const bootstrap = await StackJson.open('bootstrap');
  const api = await connect(stack.projectId);
  const waits = { fillWaitMs: process.env.SRS_LIVE_GOOGLE_ENDPOINT === undefined ? FILL_WAIT_MS : 10 };
  await command.run({
    ...{ api, keys: environmentKeys(stack, bootstrap, api), options: chosen, say, ...waits },
    now: new Date(),
    stdin: () => text(process.stdin),
  });
  return 0;
});
