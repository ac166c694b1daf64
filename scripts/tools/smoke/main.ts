import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { CliError } from '../google/cli-error';
import { runCommandLine } from '../google/command';
import { deployed } from './deployed';
import { runSteps } from './run-steps';
import { LAST_STEPS, SmokeRun, STEPS } from './steps';
import { targetOf } from './target';

const USAGE = `usage: npm run smoke -- <env>
       PLATFORM_API=https://host ADMIN_KEY=... npm run smoke

Tries a deployed platform from outside: makes streams, publishes, watches, and deletes them again. About two minutes.
  --quick   without waiting for the end of the broadcast and its recording
With <env> the address is the environment's, and the admin key is read from Secret Manager.`;

runCommandLine(USAGE, { quick: { type: 'boolean' } }, async ({ values, positionals }) => {
  const [environment, ...more] = positionals;
  const aimed = targetOf(process.env);
  if (more.length > 0 || (environment === undefined) === (aimed === undefined)) throw new CliError(USAGE);
  const target = aimed ?? (await deployed(environment ?? ''));
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`smoke test of ${target.api}`);
  return (await runSteps('quick' in values ? STEPS : [...STEPS, ...LAST_STEPS], new SmokeRun(target, ffmpegPath), say))
    ? 0
    : 1;
});
