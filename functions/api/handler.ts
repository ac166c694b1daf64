import type { Context } from 'hono';
import { cors } from 'hono/cors';
import { ROUTES } from '../contract/routes';
import type { Stream } from '../contract/state';
import { StreamId } from '../contract/words';
import { DomainError } from '../core/errors';
import { withoutKeys } from '../core/keys';
import { equalSecrets } from '../core/signing/hash';
import { type AppEnv, appHandler } from '../http/app';
import type { Handler } from '../http/http-handler';
import { parseWith, readJson } from '../http/request-body';
import type { ApiDeps } from './api-deps';
import { CreateStream, createStream } from './create-stream';
import { deleteStream } from './delete-stream';
import { checkHealth } from './health';
import { ListQuery, listPage } from './list-streams';
import { streamAnswer } from './stream-answer';

type Asked = Context<AppEnv>;

/** Reading is allowed to pages of other origins: the key is a header they must have, never a cookie. */
const READABLE = cors({
  origin: '*',
  allowMethods: ['GET', 'HEAD'],
  allowHeaders: ['Authorization'],
  exposeHeaders: ['X-Request-Id'],
  maxAge: 600,
});

/** The public API, under `/api/v1`. */
export function apiHandler(deps: ApiDeps): Handler {
  return appHandler((app) => {
    app.use('/api/*', READABLE, noStore);
    app.use(`${ROUTES.api.streams}/*`, async (c, next) => {
      assertAdmin(c.req.header('authorization'), deps.adminKey);
      await next();
    });
    app.get(ROUTES.api.health, (c) => health(c, deps));
    app.post(ROUTES.api.streams, (c) => create(c, deps));
    app.get(ROUTES.api.streams, (c) => list(c, deps));
    app.get(ROUTES.api.stream, (c) => show(c, deps));
    app.delete(ROUTES.api.stream, (c) => remove(c, deps));
  }, deps);
}

async function noStore(c: Asked, next: () => Promise<void>): Promise<void> {
  await next();
  c.res.headers.set('Cache-Control', 'no-store');
}

function assertAdmin(authorization: string | undefined, adminKey: string): void {
  const given = /^Bearer +([^ ]+)$/i.exec(authorization ?? '')?.[1];
  if (given === undefined) throw new DomainError('unauthenticated', "no key: send 'Authorization: Bearer <admin key>'");
  if (!equalSecrets(given, adminKey)) throw new DomainError('unauthenticated', 'the key is not the admin key');
}

async function health(c: Asked, deps: ApiDeps): Promise<Response> {
  const found = await checkHealth(deps);
  return c.json(found, found.status === 'ok' ? 200 : 503);
}

async function create(c: Asked, deps: ApiDeps): Promise<Response> {
  const { stream, key } = await createStream(await readJson(c.req.raw, CreateStream), deps);
  deps.log.info('stream_created', { streamId: stream.id, policy: stream.policy, recording: stream.recording });
  const answer = streamAnswer(stream, [], deps);
  const ingest = { rtmp: { ...answer.ingest.rtmp, streamKey: `${stream.id}?key=${key}` } };
  return c.json({ ...answer, key, ingest }, 201, { Location: `${ROUTES.api.streams}/${stream.id}` });
}

async function list(c: Asked, deps: ApiDeps): Promise<Response> {
  const { streams, ...more } = await listPage(deps.registry, parseWith(ListQuery, c.req.query(), 'query'));
  const nodes = await deps.registry.listNodes();
  return c.json({ streams: streams.map((stream) => streamAnswer(stream, nodes, deps)), ...more });
}

async function show(c: Asked, deps: ApiDeps): Promise<Response> {
  const stream = await deps.registry.getStream(idOf(c));
  if (stream === undefined) throw notFound(c);
  const node = await nodeOf(stream, deps);
  return c.json(streamAnswer(stream, node === undefined ? [] : [node], deps));
}

async function remove(c: Asked, deps: ApiDeps): Promise<Response> {
  const id = idOf(c);
  if (!(await deleteStream(id, deps))) throw notFound(c);
  deps.log.info('stream_deleted', { streamId: id });
  return c.body(null, 204);
}

const nodeOf = async ({ session }: Stream, { registry }: ApiDeps) =>
  session === undefined ? undefined : registry.getNode(session.nodeId);

function idOf(c: Asked): StreamId {
  const parsed = StreamId.safeParse(c.req.param('id'));
  if (!parsed.success) throw notFound(c);
  return parsed.data;
}

const notFound = (c: Asked): DomainError =>
  new DomainError('stream_not_found', `there is no stream '${withoutKeys(c.req.param('id') ?? '').slice(0, 64)}'`);
