import { text } from 'node:stream/consumers';
import { CliError } from '../google/cli-error';
import { runCommandLine } from '../google/command';
import { connect } from '../google/connect';
import { StackJson } from '../google/stack-json';
import { COMMANDS, type Option } from './commands';
import { environmentKeys } from './environment-keys';

const USAGE = `usage: npm run keys -- <env> <what> [options]

Makes secret values, in Secret Manager and at Cloud CDN. None of them is ever printed or passed as an argument.

  init             make every value that is missing, and the CDN's keys for the backends that exist
  rotate           rotate the CDN's signing keys: the new key signs, and the previous one stays valid. It also
                   completes an interrupted rotation
    --dry-run      show what would be done
    --now          even if the last rotation is younger than an hour
    --revoke       remove all keys but the new one: every viewer needs a new grant
  admin            make a new admin key for the API
    --stdin        use the key that is read from standard input
  tokens, turn     make a new key for the platform's tokens, or a new secret for the TURN servers. The old one still
                   signs
    --promote      let the new one sign, after everything that verifies was restarted

Read a value: gcloud secrets versions access latest --secret=srs-live-<env>-admin-key --project=<project>`;

const FLAG = { type: 'boolean' } as const;
const OPTIONS = { 'dry-run': FLAG, now: FLAG, revoke: FLAG, stdin: FLAG, promote: FLAG };
const isOption = (name: string): name is Option => name in OPTIONS;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The time between attempts. Most accounts of Cloud CDN become active within half a minute. */
const FILL_WAIT_MS = 5000;

runCommandLine(USAGE, OPTIONS, async ({ values, positionals }) => {
  const [environment, what = '', ...more] = positionals;
  const command = COMMANDS[what];
  if (environment === undefined || command === undefined || more.length > 0) throw new CliError(USAGE);
  const chosen = new Set(Object.keys(values).filter(isOption));
  const strange = [...chosen].find((option) => !command.takes.includes(option));
  if (strange !== undefined) throw new CliError(`'${what}' takes no --${strange}\n${USAGE}`);
  const stack = await StackJson.open(environment);
  const bootstrap = await StackJson.open('bootstrap');
  const api = await connect(stack.projectId);
  const waits = { fillWaitMs: process.env.SRS_LIVE_GOOGLE_ENDPOINT === undefined ? FILL_WAIT_MS : 10 };
  await command.run({
    api,
    keys: environmentKeys(stack, bootstrap, api),
    options: chosen,
    say,
    ...waits,
    now: new Date(),
    stdin: () => text(process.stdin),
  });
  return 0;
});
