import type { Context, MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { StreamId } from '../../contract/ids';
import { ROUTES } from '../../contract/routes';
import type { IdempotencyRecord } from '../../contract/state';
import { DomainError } from '../../core/errors';
import { begunRecord, decideRepeat, type Repeat } from '../../core/idempotency/repeat';
import { withinReach } from '../../core/identity/principal';
import { sha256Hex } from '../../core/signing/hash';
import { type SealingKey, seal, sealingKey, unseal } from '../../core/signing/sealed-box';
import { parseJson } from '../../http/outside-json';
import type { Version } from '../../ports/idempotency';
import type { ApiDeps } from '../api-deps';
import { notFoundError } from './not-found-error';
import type { ApiEnv } from './operation';

export const IDEMPOTENCY_KEY = 'Idempotency-Key';
/** Header of every operation that may be sent again. */
export const IdempotencyHeader = z.object({
  [IDEMPOTENCY_KEY]: z
    .string()
    .regex(/^[\x21-\x7e]{8,128}$/, 'use 8-128 printable ASCII characters without spaces')
    .optional()
    .meta({
      description:
        'A key of your choice for this request. If the request is sent again within 24 h, it gets the same answer ' +
        'and is not performed twice.',
    }),
});

/** The kept part of an answer, with the headers that differ between answers. */
const Answer = z.object({ status: z.int(), headers: z.array(z.tuple([z.string(), z.string()])), body: z.string() });
const KEPT_HEADERS = ['content-type', 'location', 'etag', 'set-cookie'];

/**
 * A request that names itself is done once. Its answer, if it succeeded, is kept sealed for the very key or token it
 * was asked with: it may hold a stream key, and another key of the same subject may have fewer scopes. A caller that
 * repeats the name with another body is told so; one that no longer reaches the stream gets the answer it would get
 * without a name. The permission was asked before.
 */
export const idempotent =
  (deps: ApiDeps): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const name = keyOf(c);
    if (name === undefined) return next();
    const { credential } = c.get('principal');
    const id = sha256Hex([credential, name].join('\n'));
    const sealing = sealingKey([deps.sealingSecret, credential, name], 'idempotency');
    const beginning = await begin(c, id, deps);
    if (beginning.kind !== 'first') {
      await assertWithinReach(c, deps);
      return replay(beginning, sealing);
    }
    await next();
    await finish(c, { ...beginning, sealing }, deps);
  };

/** Throws unless the caller can see the stream: an answer about a stream is only for callers who reach it now. */
async function assertWithinReach(c: Context<ApiEnv>, { streamStore }: ApiDeps): Promise<void> {
  const id = StreamId.safeParse(c.req.param('id'));
  if (!id.success || !c.req.path.startsWith(`${ROUTES.api.streams}/`)) return;
  if (withinReach(c.get('principal'), await streamStore.getStream(id.data)) === undefined) throw notFoundError('id');
}

function keyOf(c: Context<ApiEnv>): string | undefined {
  const parsed = IdempotencyHeader.safeParse({ [IDEMPOTENCY_KEY]: c.req.header(IDEMPOTENCY_KEY) });
  if (parsed.success) return parsed.data[IDEMPOTENCY_KEY];
  throw new DomainError('bad_request', `${IDEMPOTENCY_KEY}: ${parsed.error.issues[0]?.message}`);
}

/** The begun request, as it is noted. */
interface BegunRequest {
  record: IdempotencyRecord;
  version: Version;
}
type Beginning = ({ kind: 'first' } & BegunRequest) | Exclude<Repeat, { kind: 'first' }>;

/**
 * Nearly all are the first of their name, so this is tried first; anyone who loses against another of its name looks
 * again.
 */
async function begin(c: Context<ApiEnv>, id: string, { idempotency, clock }: ApiDeps): Promise<Beginning> {
  const { pathname, search } = new URL(c.req.raw.url);
  const requestHash = sha256Hex([c.req.method, pathname, search, c.get('body') ?? ''].join('\n'));
  for (;;) {
    const attempt = { id, requestHash, nowMs: clock.now() };
    const record = begunRecord(attempt);
    const created = await idempotency.create(record);
    if (created !== undefined) return { kind: 'first', record, version: created };
    const found = await idempotency.get(id);
    if (found === undefined) continue;
    const repeat = decideRepeat(found.record, attempt);
    if (repeat.kind !== 'first') return repeat;
    const version = await idempotency.replace(record, found.version);
    if (version !== undefined) return { kind: 'first', record, version };
  }
}

function replay(repeat: Exclude<Repeat, { kind: 'first' }>, sealing: SealingKey): Response {
  if (repeat.kind === 'in_progress')
    throw new DomainError('idempotency_in_progress', 'the first request with this key is not finished: try again');
  const kept = repeat.kind === 'answered' ? unseal(repeat.sealed, sealing) : undefined;
  if (kept === undefined)
    throw new DomainError(
      'idempotency_mismatch',
      `${IDEMPOTENCY_KEY}: the key was used for another request in the last 24 h`,
    );
  const { status, headers, body } = Answer.parse(parseJson(kept));
  return new Response(body, { status, headers: [...headers, ['Idempotency-Replayed', 'true']] });
}

/**
 * Forgets a failed request, so that it can be tried again. A request that another one took over meanwhile belongs to
 * that one.
 */
async function finish(c: Context<ApiEnv>, begun: BegunRequest & { sealing: SealingKey }, deps: ApiDeps): Promise<void> {
  const { idempotency, randomId, log } = deps;
  const { record, version, sealing } = begun;
  try {
    if (!c.res.ok) return await idempotency.remove(record.id, version);
    const sealed = seal(await textOf(c.res.clone()), sealing, Buffer.from(randomId(12)));
    await idempotency.replace({ ...record, sealed }, version);
  } catch (error) {
    log.error('answer_not_kept', { requestId: c.env.requestId, error });
  }
}

async function textOf(answer: Response): Promise<string> {
  const headers = [...answer.headers].filter(([name]) => KEPT_HEADERS.includes(name));
  return JSON.stringify({ status: answer.status, headers, body: await answer.text() });
}
