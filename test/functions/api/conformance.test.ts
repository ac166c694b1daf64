import { validate } from '@readme/openapi-parser';
import { Permission } from '../../../functions/contract/identity';
import { ROUTES } from '../../../functions/contract/routes';
import { DomainError } from '../../../functions/core/errors';
import type { Registry } from '../../../functions/core/ports';
import { ADMIN, type ApiRig, apiRig, HOOK_SECRET, withDeps } from '../../support/api-rig';
import { Document, type Operation, pathOf } from '../../support/openapi/document';
import { Judge } from '../../support/openapi/judge';
import { broadcastOf, KEY, nodeOf, publishedStream, reported, STREAM_ID, sessionOf } from '../../support/streams';

/**
 * The document and the API, both ways: every operation is driven to every answer the document promises, and every answer anybody
 * gets is held against the document.
 */
const SESSION = sessionOf(1).id;
const RECORDING = broadcastOf().id;
const THERE = { id: STREAM_ID, sessionId: SESSION, recordingId: RECORDING, nodeId: 'node-1', action: 'on_publish' };
const NOWHERE = { ...THERE, id: 'zzzzzzzzzzzzzzzz' };
const NAMED = { 'Idempotency-Key': 'a name of its own'.replaceAll(' ', '-') };

const SRS_HOOK = {
  ...{ action: 'on_publish', server_id: 'their-srs', service_id: 'start-1', client_id: 'client-9', ip: '192.0.2.1', vhost: '' },
  ...{ app: 'live', tcUrl: 'rtmp://their.example/live', stream: STREAM_ID, param: `?key=${KEY}` },
};
const NGINX = new URLSearchParams({ call: 'publish', app: 'live', name: STREAM_ID, addr: '192.0.2.1', clientid: '1', key: KEY });

/** A body each operation takes. */
const BODIES: Readonly<Record<string, unknown>> = {
  createStream: { title: 'made by a test' },
  changeStream: { title: 'changed by a test' },
  srsHook: SRS_HOOK,
  rtmpPublish: `${NGINX}`,
  onPlay: { action: 'on_play', client_id: 'c', ip: '192.0.2.1', app: 'live', stream: STREAM_ID },
};

const document = async (rig: ApiRig): Promise<Document> =>
  Document.parse(await (await rig.ask('GET', ROUTES.api.openapi, { headers: {} })).json());

describe('the OpenAPI document', () => {
  it('is valid', async () => {
    const { headers, ...answer } = {
      headers: {},
      body: await (await apiRig().ask('GET', ROUTES.api.openapi, { headers: {} })).json(),
    };
    expect(headers).toEqual({});
    expect(await validate(answer.body)).toMatchObject({ valid: true, warnings: [] });
  });

  it('is there for people too, without anything from elsewhere', async () => {
    const answer = await apiRig().ask('GET', ROUTES.api.docs, { headers: {} });
    expect(answer.headers.get('content-type')).toBe('text/html; charset=UTF-8');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await answer.text();
    for (const { operationId, path } of new Judge(await document(apiRig())).operations) {
      expect(page).toContain(`id="${operationId}"`);
      expect(page).toContain(path.replace("'", '&#39;'));
    }
    expect(page).not.toMatch(/<script|src=|url\(|https?:\/\/(?!live\.example)/);
  });

  it('says of every operation what it needs', async () => {
    for (const operation of new Judge(await document(apiRig())).operations) {
      const needs = operation['x-permission'];
      expect([operation.operationId, needs === undefined]).toEqual([operation.operationId, operation.security !== undefined]);
      if (needs !== undefined) expect(Permission.options).toContain(needs);
    }
  });

  it('explains every code', async () => {
    for (const { responses } of new Judge(await document(apiRig())).operations)
      for (const { description } of Object.values(responses)) expect(description).not.toMatch(/: *(\n|$)/);
  });
});

describe('every operation', () => {
  let judge: Judge;
  let rig: ApiRig;

  beforeAll(async () => {
    judge = new Judge(await document(apiRig()));
  });

  /** A stream with a session that is live, or with one that is over and recorded; and its node. */
  beforeEach(async () => {
    rig = apiRig();
    await publish('over');
  });

  async function publish(state: 'live' | 'over'): Promise<void> {
    const now = rig.deps.clock.now();
    const session = sessionOf(1, {
      startedAt: now - 60_000,
      ...(state === 'over' && { endedAt: now, endReason: 'unpublished' }),
    });
    const broadcast = broadcastOf(state === 'over' ? { state: 'closed', closedAt: now } : {});
    const stream = publishedStream(session, { unfinished: state === 'over' ? [] : [broadcast] });
    const change = { stream, sessions: [session], broadcasts: [broadcast] };
    await rig.deps.registry.changeStream(STREAM_ID, () => ({ change, result: 0 }));
    const sessions = state === 'live' ? [reported(session)] : [];
    await rig.deps.registry.changeNode('node-1', () => ({ node: nodeOf({ heartbeatAt: now, sessions }), result: 0 }));
  }

  interface Asked {
    parameters?: Readonly<Record<string, string>>;
    query?: string;
    headers?: Record<string, string>;
    body?: unknown;
  }

  /** Sends what the operation takes, but for what is said otherwise; the answer has to be as documented. */
  async function drive(operation: Operation, asked: Asked = {}): Promise<Response> {
    const { parameters = THERE, query = isHook(operation) ? `?secret=${HOOK_SECRET}` : '', headers = {} } = asked;
    const takes = operation.mediaType !== undefined;
    const body = 'body' in asked ? asked.body : takes ? (BODIES[operation.operationId] ?? {}) : undefined;
    const answer = await rig.ask(operation.method, `${pathOf(operation, parameters)}${query}`, {
      headers: { ...ADMIN, ...headers },
      body,
    });
    expect(await judge.judge(operation, answer.clone())).toEqual([]);
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{8,64}$/);
    return answer;
  }

  const isHook = ({ security = [] }: Operation): boolean => security.some((each) => 'hookSecret' in each);
  const withCode = (code: string) =>
    judge.operations.filter(({ responses }) => Object.values(responses).some((each) => each['x-codes'].includes(code)));
  const each = async (operations: readonly Operation[], run: (operation: Operation) => Promise<void>) => {
    expect(operations.length).toBeGreaterThan(0);
    for (const operation of operations) {
      rig = apiRig();
      await publish('over');
      await run(operation);
    }
  };
  const broken = (registry: Registry, why: () => Error): Registry =>
    new Proxy(registry, { get: (_, name) => (name === 'then' ? undefined : () => Promise.reject(why())) });

  it('does what it is for', async () => {
    await each(judge.operations, async (operation) => {
      const answer = await drive(operation);
      expect([operation.operationId, answer.status < 400]).toEqual([operation.operationId, true]);
    });
  });

  it('says that it is down when Firestore is', async () => {
    const down = () => new DomainError('unavailable', 'Firestore is away');
    await each(withCode('unavailable'), async (operation) => {
      withDeps(rig, { registry: broken(rig.deps.registry, down) });
      expect((await drive(operation)).status).toBe(503);
    });
    withDeps(rig, { registry: broken(rig.deps.registry, down) });
    expect((await drive(judge.operation('getHealth'))).status).toBe(503);
  });

  it('tells nothing of a fault of ours', async () => {
    await each(withCode('internal'), async (operation) => {
      withDeps(rig, { registry: broken(rig.deps.registry, () => new Error('planted inner reason')) });
      const answer = await drive(operation);
      expect(answer.status).toBe(500);
      expect(await answer.text()).not.toMatch(/planted|\.ts:|at /);
      expect(rig.lines.join()).toContain('planted inner reason');
    });
  });

  it('needs a caller', async () => {
    await each(withCode('unauthenticated'), async (operation) => {
      const stranger = isHook(operation) ? { query: '?secret=another' } : { headers: { Authorization: 'Bearer another' } };
      expect((await drive(operation, stranger)).status).toBe(401);
    });
  });

  it('names the permission a caller lacks', async () => {
    await each(withCode('forbidden'), async (operation) => {
      const needs = Permission.parse(operation['x-permission']);
      const scopes = Permission.options.filter((permission) => permission !== needs);
      const answer = await drive(operation, { headers: await rig.caller({ role: 'admin', subject: 'ops', scopes }) });
      expect(answer.status).toBe(403);
      expect((await answer.json()).detail).toContain(`'${needs}'`);
    });
  });

  it.each([
    ['stream_not_found', NOWHERE],
    ['session_not_found', { ...THERE, sessionId: '9-zzzzzzzz' }],
    ['recording_not_found', { ...THERE, recordingId: 'b9-zzzzzzzz' }],
    ['node_not_found', { ...THERE, nodeId: 'node-9' }],
    ['route_not_found', { ...THERE, action: 'on_nothing' }],
  ])('answers %s for what is not there, and for what cannot be', async (code, parameters) => {
    await each(withCode(code), async (operation) => {
      const answer = await drive(operation, { parameters });
      expect(await answer.json()).toMatchObject({ code, detail: expect.stringMatching(/^there is no such/) });
      if (code !== 'stream_not_found') return;
      const malformed = await drive(operation, { parameters: { ...THERE, id: '..%2F' } });
      expect((await malformed.json()).detail).toBe('there is no such stream');
    });
  });

  it('refuses what is no JSON, and no UTF-8', async () => {
    await each(withCode('body_too_large'), async (operation) => {
      const bodies = [
        new Blob([new Uint8Array([0x22, 0xff, 0x22])]),
        ...(operation.mediaType === 'application/json' ? ['{', '"\\ud800"'] : []),
      ];
      for (const body of bodies) expect((await drive(operation, { body })).status).toBe(400);
    });
  });

  it('refuses a body of more than 64 KiB', async () => {
    await each(withCode('body_too_large'), async (operation) => {
      expect((await drive(operation, { body: 'x'.repeat(65_537) })).status).toBe(413);
    });
  });

  it('refuses fields that are wrong or not offered, naming them', async () => {
    await each(withCode('invalid_field'), async (operation) => {
      const body = operation.mediaType === 'application/json' ? [1] : 'app=live';
      const answer = await drive(operation, { body });
      expect(answer.status).toBe(422);
      expect((await answer.json()).errors).not.toEqual([]);
    });
    const answer = await drive(judge.operation('createStream'), { body: { title: 't', transcode: true } });
    expect(await answer.json()).toMatchObject({
      code: 'invalid_field',
      errors: [{ message: expect.stringContaining('transcode') }],
    });
  });

  it('refuses a malformed query or header, naming it', async () => {
    await each(withCode('bad_request'), async (operation) => {
      const names = operation.parameters.filter(({ in: place }) => place === 'header').map(({ name }) => name);
      for (const name of names) expect((await drive(operation, { headers: { [name]: 'with space' } })).status).toBe(400);
      if (isHook(operation) || !operation.parameters.some(({ in: place }) => place === 'query')) return;
      expect((await drive(operation, { query: '?nonsense=1' })).status).toBe(400);
      const isList = operation.parameters.some(({ name }) => name === 'cursor');
      for (const query of isList ? ['?limit=0', '?limit=1&limit=2', '?cursor=bm9uZQ'] : ['?from=yesterday'])
        expect((await drive(operation, { query })).status).toBe(400);
    });
  });

  it('changes nothing when the state is another than the one that was meant', async () => {
    await each(withCode('precondition_failed'), async (operation) => {
      const before = await rig.deps.registry.getStream(STREAM_ID);
      expect((await drive(operation, { headers: { 'If-Match': '"7", W/"0"' } })).status).toBe(412);
      expect(await rig.deps.registry.getStream(STREAM_ID)).toEqual(before);
      expect((await drive(operation, { headers: { 'If-Match': '"7", "0"' } })).status).toBeLessThan(300);
    });
  });

  it('gives a request that is sent again the same answer, and does it once', async () => {
    await each(withCode('idempotency_mismatch'), async (operation) => {
      const first = await drive(operation, { headers: NAMED });
      const again = await drive(operation, { headers: NAMED });
      expect([again.status, await again.text()]).toEqual([first.status, await first.text()]);
      expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
      expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
      const other = await drive(operation, { headers: NAMED, body: { title: 'another' } });
      expect(await other.json()).toMatchObject({ status: 422, code: 'idempotency_mismatch' });
    });
  });

  it('asks a second one to wait for the first', async () => {
    await each(withCode('idempotency_in_progress'), async (operation) => {
      const { registry } = rig.deps;
      const hang = () => new Promise<never>(() => undefined);
      withDeps(rig, { registry: { ...registry, createStream: hang, changeStream: hang, changeNode: hang } });
      void rig.ask(operation.method, pathOf(operation, THERE), {
        headers: { ...ADMIN, ...NAMED },
        body: BODIES[operation.operationId] ?? {},
      });
      await rig.deps.clock.advance(0);
      const answer = await drive(operation, { headers: NAMED });
      expect(answer.status).toBe(409);
      expect(answer.headers.get('retry-after')).toBe('1');
    });
  });

  it('never changes a policy', async () => {
    const answer = await drive(judge.operation('changeStream'), { body: { policy: 'gated' } });
    expect(await answer.json()).toMatchObject({ status: 409, code: 'policy_fixed' });
  });

  it('deletes nothing that is not over', async () => {
    await publish('live');
    expect((await drive(judge.operation('deleteSession'))).status).toBe(409);
    expect((await drive(judge.operation('deleteRecording'))).status).toBe(409);
  });

  it('refuses a publisher and a viewer as it does on a node', async () => {
    const wrong = { ...SRS_HOOK, param: '?key=none' };
    expect((await drive(judge.operation('srsHook'), { body: wrong })).status).toBe(403);
    NGINX.set('key', 'none');
    expect((await drive(judge.operation('rtmpPublish'), { body: `${NGINX}` })).status).toBe(403);
    const elsewhere = { action: 'on_play', client_id: 'c', ip: '', app: 'live', stream: NOWHERE.id };
    expect((await drive(judge.operation('onPlay'), { body: elsewhere })).status).toBe(403);
  });

  afterAll(() => expect(judge.unseen()).toEqual([]));
});
