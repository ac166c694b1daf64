import { CliError } from '../google/cli-error';
import type { GoogleApi } from '../google/google-api';
import type { EnvironmentKeys } from './environment-keys';
import { grantFill } from './fill-grant';
import { rotate } from './signing-rotation';
import { promoteValue, randomSecret, type StagedSecret, stageValue, tokenKeys, turnSecret } from './staged-secret';

export type Option = 'dry-run' | 'now' | 'revoke' | 'stdin' | 'promote';

export interface KeyContext {
  readonly api: GoogleApi;
  readonly keys: EnvironmentKeys;
  readonly options: ReadonlySet<Option>;
  readonly now: Date;
  /** Reads all of standard input. */
  readonly stdin: () => Promise<string>;
  readonly say: (line: string) => void;
  /** The time between two attempts to let Cloud CDN read the bucket. */
  readonly fillWaitMs: number;
}

interface KeyCommand {
  readonly takes: readonly Option[];
  readonly run: (context: KeyContext) => Promise<void>;
}

const MIN_ADMIN_KEY = 32;
const FILL_TRIES = 6;

export const COMMANDS: Readonly<Record<string, KeyCommand>> = {
  init: { takes: [], run: init },
  rotate: { takes: ['dry-run', 'now', 'revoke'], run: rotateSigningKeys },
  admin: { takes: ['stdin'], run: setAdminKey },
  tokens: {
    takes: ['promote'],
    run: (context) => staged(context, tokenKeys(context.keys.secrets['token-keys'], context.now)),
  },
  turn: {
    takes: ['promote'],
    run: (context) => staged(context, turnSecret(context.keys.secrets['turn-secret'], context.now)),
  },
};

/** Gives every secret a value, and the CDN its keys as far as its backends exist. */
async function init(context: KeyContext): Promise<void> {
  const { keys, now, say } = context;
  const { 'admin-key': admin, 'signing-keys': signing, 'token-keys': tokens, 'turn-secret': turn } = keys.secrets;
  if ((await admin.read()) === undefined) await setAdminKey(context);
  if ((await tokens.read()) === undefined) await staged(context, tokenKeys(tokens, now));
  if ((await turn.read()) === undefined) await staged(context, turnSecret(turn, now));
  await makeContentSecret(context);
  const known = await signing.read();
  const backends = await Promise.all(keys.backends.map((backend) => backend.isThere()));
  const complete = backends.every(Boolean);
  if (known === undefined || !complete) {
    const there = keys.backends.filter((_, index) => backends[index]);
    if (known === undefined) await rotate(rotationOf(context, there));
    if (!complete) say('the CDN has no backends yet: deploy, then run init again');
  } else await rotateIfBegun(context);
  if (complete) await letCdnRead(context);
}

/** Once and never again: encrypted recordings could not be played with another one. */
async function makeContentSecret({ keys, say }: KeyContext): Promise<void> {
  const secret = keys.secrets['content-secret'];
  if ((await secret.read()) !== undefined) return;
  await secret.write(randomSecret());
  say(`${secret.secretId} has its value, which stays: it seals the secrets of encrypted recordings`);
}

async function rotateSigningKeys(context: KeyContext): Promise<void> {
  await rotate(rotationOf(context, context.keys.backends));
  if (context.options.has('dry-run')) return;
  await letCdnRead(context);
  context.say('running functions sign with the previous key until they are restarted');
}

/** Adds the keys of the secret to the backends, and makes no further key. */
async function rotateIfBegun(context: KeyContext): Promise<void> {
  await rotate({ ...rotationOf(context, context.keys.backends), finishOnly: true });
}

function rotationOf({ keys, options, now, say }: KeyContext, backends: EnvironmentKeys['backends']) {
  return {
    secret: keys.secrets['signing-keys'],
    backends,
    keep: options.has('revoke') ? 1 : keys.liveKeys,
    force: options.has('now'),
    dryRun: options.has('dry-run'),
    finishOnly: false,
    now,
    say,
  };
}

async function letCdnRead({ api, keys: { projectId, bucket }, fillWaitMs: waitMs, say }: KeyContext): Promise<void> {
  const outcome = await grantFill(api, { projectId, bucket, tries: FILL_TRIES, waitMs });
  if (outcome === 'granted') say(`Cloud CDN may read ${bucket}`);
  if (outcome === 'not yet')
    throw new CliError(
      `Cloud CDN cannot read ${bucket} yet, because its account becomes active some time after the first key: ` +
        'run the same command again in a few minutes',
    );
}

async function setAdminKey({ keys, options, stdin, say }: KeyContext): Promise<void> {
  const secret = keys.secrets['admin-key'];
  const given = options.has('stdin') ? (await stdin()).trim() : randomSecret();
  if (given.length < MIN_ADMIN_KEY || /\s/.test(given))
    throw new CliError(
      `the admin key on standard input has ${given.length} characters: use at least ${MIN_ADMIN_KEY}, without spaces`,
    );
  await secret.write(given);
  await secret.forgetOld();
  say(`${secret.secretId} has a new value, which functions take at their next start`);
}

async function staged<T>({ options, say }: KeyContext, secret: StagedSecret<T>): Promise<void> {
  const { kind, name } = await (options.has('promote') ? promoteValue(secret) : stageValue(secret));
  const { secretId } = secret.secret;
  if (kind === 'signs') say(`${secretId}: ${name} signs, from the next start of a function on`);
  else say(`${secretId}: ${name} is verified after the next restart; then run with --promote, and it signs`);
}
