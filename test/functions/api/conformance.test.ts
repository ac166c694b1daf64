import { validate } from '@readme/openapi-parser';
import { Permission } from '../../../functions/contract/identity';
import { ROUTES } from '../../../functions/contract/routes';
import { restrictSender } from '../../../functions/core/chat/moderate';
import { postMessage } from '../../../functions/core/chat/post';
import { mintRoomToken } from '../../../functions/core/chat/room-token';
import { sealNewSecret } from '../../../functions/core/encryption/content-keys';
import { kidOf } from '../../../functions/core/encryption/key-id';
import { DomainError } from '../../../functions/core/errors';
import { streamCreated } from '../../../functions/core/events/events';
import { mintToken, type TokenPurpose } from '../../../functions/core/signing/token';
import { newDelivery } from '../../../functions/core/webhooks/delivery';
import { newWebhook } from '../../../functions/core/webhooks/new-webhook';
import { ADMIN, type ApiRig, apiRig, HOOK_SECRET, QUOTAS, withDeps } from '../../support/api-rig';
import { FakeNodes, MEDIA_SESSION, markOf } from '../../support/fake-media-nodes';
import { offerOf } from '../../support/network/sdp';
import { Document, type Operation, pathOf } from '../../support/openapi/document';
import { Judge } from '../../support/openapi/judge';
import { NEWEST } from '../../support/signing-keys';
import {
  broadcastOf,
  KEY,
  nodeOf,
  publishedStream,
  reported,
  STREAM_ID,
  sessionOf,
  streamOf,
} from '../../support/streams';

/**
 * The document and the API, both ways: every operation is driven to every answer the document promises, and every
 * answer anybody gets is held against the document.
 */
const SESSION = sessionOf(1).id;
const RECORDING = broadcastOf().id;
const GATED = 'gatedgatedgated0';
const GRANT = 'grantgrantgrant0';
const WEBHOOK = 'wh_abcdefgh01234567';
const EVENT = `evt_${'ab'.repeat(16)}`;
const THERE = {
  prefix: 'abcd1234',
  webhookId: WEBHOOK,
  eventId: EVENT,
  grantId: GRANT,
  broadcastId: 'b1-aaaaaaaa',
  playlist: 'source.m3u8',
  id: STREAM_ID,
  sessionId: SESSION,
  playId: 'playplayplay0000',
  recordingId: RECORDING,
  keyId: `${SESSION}.0`,
  nodeId: 'node-1',
  action: 'on_publish',
  number: '1',
  sender: 'mutedmutedmuted0',
};
/** The operations that hand out content keys. */
const KEYS: readonly string[] = [ROUTES.api.contentKey, ROUTES.api.license];
const licenseRequest = (keyId: string) => ({ kids: [kidOf(keyId).toString('base64url')] });
const NOWHERE = { ...THERE, id: 'zzzzzzzzzzzzzzzz' };
const NAMED = { 'Idempotency-Key': 'a name of its own'.replaceAll(' ', '-') };

const SRS_HOOK = {
  action: 'on_publish',
  server_id: 'their-srs',
  service_id: 'start-1',
  client_id: 'client-9',
  ip: '192.0.2.1',
  vhost: '',
  app: 'live',
  tcUrl: 'rtmp://their.example/live',
  stream: STREAM_ID,
  param: `?key=${KEY}`,
};
const NGINX = new URLSearchParams({
  call: 'publish',
  app: 'live',
  name: STREAM_ID,
  addr: '192.0.2.1',
  clientid: '1',
  key: KEY,
});

const BEACON = { viewing: 'viewingviewing00', number: 1, way: 'hls', playedSeconds: 0, stalls: 0 };
const SDP = { 'Content-Type': 'application/sdp' };
const NODE_URL = 'http://node-1:8086';

/** A body each operation takes. */
const BODIES: Readonly<Record<string, unknown>> = {
  createStream: { title: 'made by a test' },
  changeStream: { title: 'changed by a test' },
  srsHook: SRS_HOOK,
  sendBeacon: { ...BEACON, stalledSeconds: 0, startupMs: 900 },
  rtmpPublish: `${NGINX}`,
  addTimedMetadata: { data: 'of a test' },
  createChatToken: { subject: 'user-1', name: 'Ada' },
  setChatSlowMode: { slowSeconds: 5 },
  restrictChatSender: { kind: 'mute', seconds: 60 },
  createApiKey: { name: 'a key', role: 'publisher', subject: 'ann' },
  createWebhook: { url: 'https://hooks.example.com/srs-live' },
  overrideBudget: { stage: 'notify', reason: 'a test' },
  setCdnPriority: { priority: ['second', 'main'] },
  onPlay: { action: 'on_play', client_id: 'c', ip: '192.0.2.1', app: 'live', stream: STREAM_ID },
  publishWhip: offerOf({ direction: 'sendonly' }),
  playWhep: offerOf({ direction: 'recvonly' }),
  publishSrs: {
    streamurl: `webrtc://live.example.com/live/${GATED}?key=${KEY}`,
    sdp: offerOf({ direction: 'sendonly' }),
  },
};

/** The document, but for what the function `chat` answers. */
async function document(rig: ApiRig): Promise<Document> {
  const whole = Document.parse(await (await rig.ask('GET', ROUTES.api.openapi, { headers: {} })).json());
  const { [ROUTES.chat.room]: _, ...paths } = whole.paths;
  return { ...whole, paths };
}

describe('the OpenAPI document', () => {
  it('is valid', async () => {
    const answer = await apiRig().ask('GET', ROUTES.api.openapi, { headers: {} });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await validate(await answer.json())).toMatchObject({ valid: true, warnings: [] });
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
    expect(page).not.toMatch(/<script|src="|url\(|https?:\/\/(?!live\.example)/);
  });

  it('says of every operation what it needs', async () => {
    for (const operation of new Judge(await document(apiRig())).operations) {
      const needs = operation['x-permission'];
      expect([operation.operationId, needs === undefined]).toEqual([
        operation.operationId,
        operation.security !== undefined,
      ]);
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
  let nodes: FakeNodes;

  beforeAll(async () => {
    judge = new Judge(await document(apiRig()));
  });

  /** A stream with a session that is live, or with one that is over and recorded; and its node. */
  beforeEach(async () => {
    await prepare();
  });

  async function prepare(): Promise<void> {
    nodes = new FakeNodes();
    nodes.playing.set(NODE_URL, [{ id: THERE.playId, kind: 'flv', since: 0 }]);
    rig = apiRig({
      media: { nodes, turn: { urls: ['turn:turn.example.com'], secret: 'x'.repeat(32) } },
      cdns: [{ name: 'second', host: 'second.example.net', weight: 30 }],
    });
    await publish('over');
    await publishGated();
    await chatOnGated();
    await grantAccess();
  }

  async function publish(state: 'live' | 'over'): Promise<void> {
    const now = rig.deps.clock.now();
    const session = sessionOf(1, {
      startedAt: now - 60_000,
      ...(state === 'over' && { endedAt: now, endReason: 'unpublished' }),
    });
    const broadcast = broadcastOf(state === 'over' ? { state: 'closed', closedAt: now } : {});
    const stream = publishedStream(session, { unfinished: state === 'over' ? [] : [broadcast] });
    const change = { stream, sessions: [session], broadcasts: [broadcast] };
    await rig.deps.streamStore.changeStream(STREAM_ID, () => ({ change, result: 0 }));
    const sessions = state === 'live' ? [reported(session)] : [];
    await rig.deps.streamStore.changeNode('node-1', () => ({
      node: nodeOf({ heartbeatAt: now, sessions }),
      result: 0,
    }));
  }

  /** It is live, on the node of the other one. */
  async function publishGated(): Promise<void> {
    const now = rig.deps.clock.now();
    const { contentSecret: environmentSecret, randomId } = rig.deps;
    const sealed = sealNewSecret(GATED, { environmentSecret, randomId });
    const encryption = { method: 'aes-128', keyRotationSegments: 0, sealed } as const;
    const session = sessionOf(1, { streamId: GATED, startedAt: now - 60_000, encryption });
    const unfinished = [broadcastOf({ streamId: GATED })];
    const stream = publishedStream(session, {
      id: GATED,
      policy: 'gated',
      chat: { enabled: true, slowSeconds: 0, retentionHours: 24 },
      allowedOrigins: ['https://show.example'],
      unfinished,
    });
    await rig.deps.streamStore.createStream(stream);
    const node = nodeOf({ heartbeatAt: now, sessions: [reported(session)], reach: { agentUrl: NODE_URL } });
    await rig.deps.streamStore.changeNode('node-1', () => ({ node, result: 0 }));
  }

  /** A message, and a sender who may only read. */
  async function chatOnGated(): Promise<void> {
    const { chat, clock } = rig.deps;
    const sender = THERE.sender;
    const nowMs = clock.now();
    const settings = { enabled: true, slowSeconds: 0, retentionHours: 24 };
    const claims = { streamId: GATED, sender, name: 'Ada', role: 'viewer' as const, expires: 0 };
    await chat.rooms.change(GATED, { sender }, (found) =>
      postMessage(found, { claims, text: 'hello', settings, nowMs }),
    );
    const order = { streamId: GATED, sender, wanted: { kind: 'mute' as const }, by: 'ops', retentionHours: 24, nowMs };
    await chat.rooms.change(GATED, { sender }, (found) => restrictSender(found, order));
  }

  /** A grant of the gated stream with something to play, an API key, a webhook with an event. */
  async function grantAccess(): Promise<void> {
    const { grants, apiKeys, webhooks, clock } = rig.deps;
    const now = clock.now();
    const times = { createdAt: now, expiresAt: now + 60_000, endsAt: now + 3_600_000, lifetimeSeconds: 60 };
    await grants.store.add(
      { id: GRANT, streamId: GATED, subject: 'ann', ...times, origins: ['https://show.example'], renewals: 0 },
      { max: 9, nowMs: now },
    );
    for (const name of ['index', 'b1-aaaaaaaa/source']) {
      const options = { contentType: 'x', cacheControl: 'x', metadata: {}, ifGenerationMatch: '0' };
      await rig.buckets.gated.write(`gated/p/${GATED}/${name}.m3u8`, '#EXTM3U\n', options);
    }
    await apiKeys.create({
      prefix: 'abcd1234',
      name: 'n',
      hash: 'ab'.repeat(32),
      role: 'publisher',
      subject: 'ann',
      createdAt: now,
    });
    await webhooks.store.createWebhook({
      ...newWebhook({ owner: '', url: 'https://hooks.example.com/a', types: [], streams: [] }, rig.deps),
      id: WEBHOOK,
    });
    const event = streamCreated(streamOf());
    await webhooks.store.createDelivery(newDelivery(WEBHOOK, { ...event, id: EVENT }, now));
  }

  interface Asked {
    parameters?: Readonly<Record<string, string>>;
    query?: string;
    headers?: Record<string, string>;
    body?: unknown;
  }

  /** Sends what the operation takes, but for what is said otherwise; the answer has to be as documented. */
  async function drive(operation: Operation, asked: Asked = {}): Promise<Response> {
    const wanted = asked.parameters ?? parametersOf(operation);
    const parameters = { file: `${wanted.id}.flv`, ...wanted };
    const credentials = credentialsOf(operation, parameters);
    const { query = credentials.query, headers = {} } = asked;
    const takes = operation.mediaType !== undefined;
    const body = 'body' in asked ? asked.body : takes ? bodyOf(operation, parameters) : undefined;
    const answer = await rig.ask(operation.method, `${pathOf(operation, parameters)}${query}`, {
      headers: { ...credentials.headers, ...(operation.mediaType === 'application/sdp' && SDP), ...headers },
      body,
    });
    expect(await judge.judge(operation, answer.clone())).toEqual([]);
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{8,64}$/);
    return answer;
  }

  const needs = (operation: Operation, scheme: string): boolean =>
    (operation.security ?? []).some((each) => scheme in each);
  const isMedia = ({ tags }: Operation): boolean => tags.includes('media');
  const parametersOf = (operation: Operation): Record<string, string> => {
    if (isMedia(operation)) return { ...THERE, id: GATED, sessionId: `${markOf('node-1')}-${MEDIA_SESSION}` };
    const { path } = operation;
    const isGated = path.startsWith(ROUTES.grants.grants) || path.startsWith(ROUTES.chat.room) || KEYS.includes(path);
    return isGated || path === ROUTES.api.metadata ? { ...THERE, id: GATED } : THERE;
  };
  /** A token in a body is as young as the test. */
  const bodyOf = ({ operationId }: Operation, { keyId = '' }: Record<string, string>): unknown =>
    operationId === 'getLicense'
      ? licenseRequest(keyId)
      : operationId === 'playSrs'
        ? { streamurl: `webrtc://h/live/${GATED}?token=${playToken(GATED)}`, sdp: offerOf({ direction: 'recvonly' }) }
        : (BODIES[operationId] ?? {});
  const playToken = (streamId: string): string =>
    mintToken('play', { streamId, grantId: GRANT, expires: Math.floor(rig.deps.clock.now() / 1000) + 60 }, NEWEST);

  function credentialsOf(operation: Operation, { id = GATED, grantId = GRANT }: Record<string, string>) {
    const expires = Math.floor(rig.deps.clock.now() / 1000) + 3600;
    const token = (purpose: TokenPurpose) => mintToken(purpose, { streamId: id, grantId, expires }, NEWEST);
    if (needs(operation, 'hookSecret')) return { query: `?secret=${HOOK_SECRET}`, headers: {} };
    if (needs(operation, 'streamKey')) return { query: '', headers: { Authorization: `Bearer ${KEY}` } };
    if (needs(operation, 'playToken')) return { query: '', headers: { Authorization: `Bearer ${playToken(id)}` } };
    if (KEYS.includes(operation.path)) return { query: `?token=${token('play')}`, headers: {} };
    if (needs(operation, 'playlistToken')) return { query: `?token=${token('playlist')}`, headers: {} };
    return {
      query: '',
      headers: needs(operation, 'renewalToken') ? { Authorization: `Bearer ${token('renewal')}` } : ADMIN,
    };
  }

  const isHook = ({ security = [] }: Operation): boolean => security.some((each) => 'hookSecret' in each);
  const withCode = (code: string) =>
    judge.operations.filter(({ responses }) => Object.values(responses).some((each) => each['x-codes'].includes(code)));
  const each = async (operations: readonly Operation[], run: (operation: Operation) => Promise<void>) => {
    expect(operations.length).toBeGreaterThan(0);
    for (const operation of operations) {
      await prepare();
      await run(operation);
    }
  };
  /** Every store fails. */
  function breakStores(why: () => Error): void {
    const broken = <T extends object>(store: T): T => new Proxy(store, { get: () => () => Promise.reject(why()) });
    const { streamStore, apiKeys, grants, webhooks, budget, idempotency, chat } = rig.deps;
    withDeps(rig, {
      streamStore: broken(streamStore),
      apiKeys: broken(apiKeys),
      budget: broken(budget),
      idempotency: broken(idempotency),
      delivery: () => broken(rig.buckets.open),
      grants: { ...grants, store: broken(grants.store) },
      webhooks: { ...webhooks, store: broken(webhooks.store) },
      chat: { ...chat, rooms: broken(chat.rooms) },
    });
  }

  it('does what it is for', async () => {
    await each(judge.operations, async (operation) => {
      const answer = await drive(operation);
      expect([operation.operationId, answer.status < 400]).toEqual([operation.operationId, true]);
    });
  });

  it('says that it is down when Firestore is', async () => {
    const down = () => new DomainError('unavailable', 'Firestore is away');
    await each(withCode('unavailable'), async (operation) => {
      breakStores(down);
      expect((await drive(operation, { headers: NAMED })).status).toBe(503);
    });
    breakStores(down);
    expect((await drive(judge.operation('getHealth'))).status).toBe(503);
  });

  it('tells nothing of a fault of ours', async () => {
    await each(withCode('internal'), async (operation) => {
      breakStores(() => new Error('planted inner reason'));
      const answer = await drive(operation, { headers: NAMED });
      expect(answer.status).toBe(500);
      expect(await answer.text()).not.toMatch(/planted|\.ts:|at /);
      expect(rig.lines.join()).toContain('planted inner reason');
    });
  });

  it('tells who asks too often', async () => {
    const none = { perMinute: 0, burst: 0 };
    const ofCallers = withCode('rate_limited').filter(({ path }) => !KEYS.includes(path));
    await each(ofCallers, async (operation) => {
      withDeps(rig, { rates: { perKey: none, perPublisher: none } });
      const answer = await drive(operation, { headers: await rig.caller({ role: 'admin', subject: 'ops' }) });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '60']);
    });
  });

  it('tells a player that asks for too many keys', async () => {
    const last = [];
    for (let asked = 0; asked < 600; asked += 1) last.push(await drive(judge.operation('getContentKey')));
    last.push(await drive(judge.operation('getLicense')));
    expect((await drive(judge.operation('getContentKey'))).status).toBe(429);
    expect([last.at(-2)?.status, last.at(-1)?.status, last.at(-1)?.headers.get('retry-after')]).toEqual([
      200,
      429,
      '1',
    ]);
  });

  it('tells an owner who has as much as there may be, with the numbers', async () => {
    for (const [code, of] of Object.entries({
      stream_limit: 'streams',
      api_key_limit: 'apiKeys',
      webhook_limit: 'webhooks',
    }))
      await each(withCode(code), async (operation) => {
        withDeps(rig, { quotas: { streams: 0, apiKeys: 0, webhooks: 0, grants: 0 } });
        const role = of === 'streams' ? 'publisher' : 'admin';
        const answer = await drive(operation, { headers: await rig.caller({ role, subject: 'nobody' }) });
        expect(await answer.json()).toMatchObject({ status: 409, code, quota: { of, allowed: 0 } });
      });
  });

  it('needs a caller', async () => {
    await each(withCode('unauthenticated'), async (operation) => {
      const inQuery = isHook(operation) || needs(operation, 'playlistToken');
      if (operation.operationId === 'publishSrs') {
        const body = { ...Object(BODIES.publishSrs), streamurl: `webrtc://h/live/${GATED}?key=another` };
        return expect((await drive(operation, { body })).status).toBe(401);
      }
      const stranger = inQuery
        ? { query: '?secret=another&token=another' }
        : { headers: { Authorization: 'Bearer another' } };
      expect((await drive(operation, stranger)).status).toBe(401);
    });
  });

  it('takes no order of a moderator who is muted', async () => {
    await each(withCode('chat_restricted'), async (operation) => {
      const expires = Math.floor(rig.deps.clock.now() / 1000) + 60;
      const { sender } = THERE;
      const claims = { streamId: GATED, sender, name: 'Ada', role: 'moderator' as const, expires };
      const headers = { Authorization: `Bearer ${mintRoomToken(claims, NEWEST)}` };
      expect(await (await drive(operation, { headers })).json()).toMatchObject({ code: 'chat_restricted' });
    });
  });

  it('names the permission a caller lacks', async () => {
    await each(
      withCode('forbidden').filter((operation) => operation['x-permission'] !== undefined),
      async (operation) => {
        const needs = Permission.parse(operation['x-permission']);
        const scopes = Permission.options.filter((permission) => permission !== needs);
        const answer = await drive(operation, { headers: await rig.caller({ role: 'admin', subject: 'ops', scopes }) });
        expect(answer.status).toBe(403);
        expect((await answer.json()).detail).toContain(`'${needs}'`);
      },
    );
  });

  it.each([
    ['stream_not_found', { id: 'zzzzzzzzzzzzzzzz' }],
    ['session_not_found', { sessionId: '9-zzzzzzzz', playId: 'zzzzzzzzzzzzzzzz' }],
    ['recording_not_found', { recordingId: 'b9-zzzzzzzz' }],
    ['node_not_found', { nodeId: 'node-9' }],
    ['route_not_found', { action: 'on_nothing' }],
    ['content_key_not_found', { keyId: '9-zzzzzzzz.0' }],
    ['grant_not_found', { grantId: 'zzzzzzzzzzzzzzzz' }],
    ['api_key_not_found', { prefix: 'zzzzzzzz' }],
    ['webhook_not_found', { webhookId: 'wh_zzzzzzzzzzzzzzzz' }],
    ['chat_message_not_found', { number: '99' }],
    ['chat_sender_not_found', { sender: 'zzzzzzzzzzzzzzzz' }],
    ['delivery_not_found', { eventId: `evt_${'0'.repeat(32)}` }],
  ])('answers %s for what is not there, and for what cannot be', async (code, elsewhere) => {
    await each(withCode(code), async (operation) => {
      const malformed = Object.fromEntries(Object.keys(elsewhere).map((name) => [name, 'a..b']));
      // For a caller with a token and no name, an unknown stream is one whose token is missing.
      const asked =
        code === 'stream_not_found' && operation['x-permission'] === undefined && operation.security?.length
          ? [malformed]
          : operation.operationId === 'restrictChatSender' && code === 'chat_sender_not_found'
            ? [malformed]
            : [elsewhere, malformed];
      if (!['id', 'file', ...Object.keys(elsewhere)].some((name) => operation.path.includes(`{${name}}`))) return;
      for (const parameters of asked) {
        const answer = await drive(operation, { parameters: { ...parametersOf(operation), ...parameters } });
        expect(await answer.json()).toMatchObject({ code, detail: expect.stringMatching(/^there is no such/) });
      }
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
      for (const name of names)
        expect((await drive(operation, { headers: { [name]: 'with space' } })).status).toBe(400);
      if (isHook(operation)) return;
      if (needs(operation, 'playlistToken') || needs(operation, 'playTokenQuery'))
        return expect((await drive(operation, { query: `?token=${'x'.repeat(201)}` })).status).toBe(400);
      // Players add queries of their own to the URL that they were given.
      if (operation.operationId === 'playWhep')
        return expect((await drive(operation, { query: '?edge=nonsense' })).status).toBe(400);
      if (!operation.parameters.some(({ in: place }) => place === 'query')) return;
      expect((await drive(operation, { query: '?nonsense=1' })).status).toBe(400);
      const isList = operation.parameters.some(({ name }) => name === 'cursor');
      for (const query of isList ? ['?limit=0', '?limit=1&limit=2', '?cursor=bm9uZQ'] : ['?from=yesterday'])
        expect((await drive(operation, { query })).status).toBe(400);
    });
  });

  it('changes nothing when the state is another than the one that was meant', async () => {
    await each(withCode('precondition_failed'), async (operation) => {
      const before = await rig.deps.streamStore.getStream(STREAM_ID);
      expect((await drive(operation, { headers: { 'If-Match': '"7", W/"0"' } })).status).toBe(412);
      expect(await rig.deps.streamStore.getStream(STREAM_ID)).toEqual(before);
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
      const { idempotency } = rig.deps;
      let claimed = false;
      // The first one claims its name, and never comes to keep its answer.
      const never = () => {
        claimed = true;
        return new Promise<never>(() => undefined);
      };
      withDeps(rig, { idempotency: { ...idempotency, replace: never, remove: never } });
      const { headers } = credentialsOf(operation, {});
      void rig.ask(operation.method, pathOf(operation, parametersOf(operation)), {
        headers: { ...headers, ...NAMED },
        body: BODIES[operation.operationId] ?? {},
      });
      while (!claimed) await rig.deps.clock.advance(0);
      const answer = await drive(operation, { headers: NAMED });
      expect(answer.status).toBe(409);
      expect(answer.headers.get('retry-after')).toBe('1');
    });
  });

  describe('about media', () => {
    const media = (code: string) => withCode(code).filter(isMedia);
    const over = () =>
      rig.deps.streamStore.changeStream(GATED, (stream) => {
        const { session: _, ...rest } = streamOf(stream);
        return { change: { stream: rest }, result: 0 };
      });
    const withSdp = (operation: Operation, sdp: string): unknown =>
      operation.mediaType === 'application/sdp' ? sdp : { ...Object(bodyOf(operation, THERE)), sdp };

    it('passes on what the node refuses', async () => {
      for (const [error, code] of [
        ['not_playable', 'forbidden'],
        ['grant_ended', 'grant_ended'],
        ['busy', 'publisher_busy'],
        ['session_not_found', 'session_not_found'],
        ['offer_refused', 'media_unsupported'],
      ] as const)
        await each(media(code), async (operation) => {
          nodes.refusals.set(NODE_URL, { error, message: 'why' });
          expect(await (await drive(operation)).json()).toMatchObject({ code, detail: 'why' });
        });
    });

    it('gives no stream back to a publisher that reconnects after another one took it', async () => {
      await each(media('publisher_replaced'), async (operation) => {
        await rig.deps.streamStore.changeStream(GATED, (stream) => {
          const session = { ...sessionOf(2), ...streamOf(stream).session, ordinal: 2 };
          return { change: { stream: { ...streamOf(stream), session } }, result: 0 };
        });
        const headers = { 'Srs-Live-Session': '1-abcdefgh' };
        expect(await (await drive(operation, { headers })).json()).toMatchObject({ code: 'publisher_replaced' });
      });
    });

    it('names what an offer lacks, before any node sees it', async () => {
      await each(media('media_unsupported'), async (operation) => {
        const body = withSdp(operation, offerOf({ codecs: { video: ['VP8'] } }));
        expect(await (await drive(operation, { body })).json()).toMatchObject({ code: 'media_unsupported' });
        for (const sdp of ['no sdp', 'v=0\r\nm=video 9 x\r\n', offerOf().replace('a=ice-ufrag', 'a=x')])
          expect(await (await drive(operation, { body: withSdp(operation, sdp) })).json()).toMatchObject({
            code: 'bad_request',
          });
        expect(nodes.offers).toEqual([]);
      });
    });

    it('takes an offer by its name only', async () => {
      await each(media('unsupported_type'), async (operation) => {
        for (const type of ['application/json', 'text/plain', ''])
          expect((await drive(operation, { headers: { 'Content-Type': type } })).status).toBe(415);
      });
    });

    it('says when nobody publishes', async () => {
      await each(withCode('not_live'), async (operation) => {
        await over();
        expect((await drive(operation)).headers.get('retry-after')).toBe('2');
      });
    });

    it('passes on that the id of timed metadata is taken', async () => {
      await each(withCode('metadata_conflict'), async (operation) => {
        nodes.refusals.set(NODE_URL, { error: 'metadata_conflict', message: 'why' });
        const problem = { status: 409, code: 'metadata_conflict', detail: 'why' };
        expect(await (await drive(operation)).json()).toMatchObject(problem);
      });
    });

    it('says when the grant is over', async () => {
      await each(media('grant_ended'), async (operation) => {
        await rig.deps.grants.store.change(GATED, GRANT, (grant) =>
          grant === undefined ? { result: 0 } : { grant: { ...grant, revokedAt: 1 }, result: 0 },
        );
        expect(await (await drive(operation)).json()).toMatchObject({ status: 410, code: 'grant_ended' });
      });
    });

    it('of no stream says what it says of a gated one without its token', async () => {
      const operation = judge.operation('playSrs');
      const body = { streamurl: `webrtc://h/live/${GATED}?token=${playToken(STREAM_ID)}`, sdp: offerOf() };
      const nowhere = { ...body, streamurl: `webrtc://h/live/${NOWHERE.id}` };
      const answers = [await drive(operation, { body }), await drive(operation, { body: nowhere })];
      const [one, two] = await Promise.all(
        answers.map(async (answer) => ({ ...(await answer.json()), requestId: '' })),
      );
      expect([one, one.code]).toEqual([two, 'stream_not_found']);
    });

    it('takes no PATCH', async () => {
      for (const kind of ['whip', 'whep']) {
        const answer = await rig.ask('PATCH', `/${kind}/${GATED}/${markOf('node-1')}-${MEDIA_SESSION}`, {
          headers: {},
          body: 'a=x',
        });
        expect([answer.status, (await answer.json()).code]).toEqual([405, 'method_not_allowed']);
      }
    });
  });

  describe('about a gated stream', () => {
    it.each([
      [
        'grant_limit',
        'createGrant',
        async () => void (await Promise.all([1, 2].map(() => drive(judge.operation('createGrant'))))),
        {},
      ],
      ['stream_not_gated', 'createGrant', async () => {}, { parameters: THERE }],
      [
        'playlist_not_found',
        'playGrant',
        async () => void (await rig.buckets.gated.remove(`gated/p/${GATED}/index.m3u8`)),
        {},
      ],
      [
        'playlist_not_found',
        'playGrantPlaylist',
        async () => {},
        { parameters: { ...THERE, id: GATED, playlist: 'other.m3u8' } },
      ],
    ])('answers %s to %s', async (code, operationId, happen, asked) => {
      await happen();
      expect(await (await drive(judge.operation(operationId), asked)).json()).toMatchObject({ code });
    });

    it('refuses pages which the stream does not name', async () => {
      for (const operation of withCode('origin_not_allowed'))
        expect((await drive(operation, { headers: { Origin: 'https://evil.example' } })).status).toBe(403);
    });

    it('gives nothing while the stream is suspended, or the budget spent', async () => {
      await each(withCode('stream_suspended'), async (operation) => {
        await rig.deps.clock.advance(31_000);
        await drive(judge.operation('suspendStream'), { parameters: { ...THERE, id: GATED } });
        expect(await (await drive(operation)).json()).toMatchObject({ code: 'stream_suspended' });
      });
      await each(withCode('budget_stop'), async (operation) => {
        withDeps(rig, { budgetStage: async () => 'stop' });
        expect(await (await drive(operation)).json()).toMatchObject({ code: 'budget_stop' });
      });
    });

    it('hands its keys to holders of a grant alone', async () => {
      const nobody = { ...THERE, id: GATED, grantId: 'zzzzzzzzzzzzzzzz' };
      for (const operation of ['getContentKey', 'getLicense'].map((id) => judge.operation(id))) {
        expect((await drive(operation, { query: '' })).status).toBe(403);
        expect((await drive(operation, { parameters: nobody })).status).toBe(410);
      }
    });

    it('ends with its grant', async () => {
      await each(withCode('grant_ended'), async (operation) => {
        await drive(judge.operation('revokeGrant'));
        expect((await drive(operation)).status).toBe(410);
      });
    });

    it('sets its cookies, again when the request is sent again', async () => {
      const cookies = async () =>
        (await drive(judge.operation('createGrant'), { headers: NAMED })).headers.getSetCookie();
      const first = await cookies();
      expect(first).toHaveLength(2);
      expect(await cookies()).toEqual(first);
    });
  });

  it('says that a stream has no chat', async () => {
    await each(withCode('chat_disabled'), async (operation) => {
      const answer = await drive(operation, { parameters: THERE });
      expect(await answer.json()).toMatchObject({ status: 409, code: 'chat_disabled' });
    });
  });

  it('takes no more webhooks than it can serve', async () => {
    withDeps(rig, { quotas: { ...QUOTAS, webhooks: 3 } });
    for (let made = 0; made < 3; made += 1) await drive(judge.operation('createWebhook'));
    expect((await drive(judge.operation('createWebhook'))).status).toBe(409);
  });

  it('gives no key that may more than its maker', async () => {
    const headers = await rig.caller({ role: 'admin', subject: 'ops', scopes: ['api_keys.write', 'streams.read'] });
    const body = { name: 'more', role: 'admin', subject: 'me' };
    expect((await drive(judge.operation('createApiKey'), { headers, body })).status).toBe(403);
    expect(
      (await drive(judge.operation('createApiKey'), { headers, body: { ...body, scopes: ['streams.read'] } })).status,
    ).toBe(201);
  });

  it.each([
    'http://hooks.example.com/',
    'https://169.254.169.254/',
    'https://localhost/',
    'https://u:p@hooks.example.com/',
  ])('sends nothing to %s', async (url) => {
    for (const operationId of ['createWebhook', 'changeWebhook'])
      expect(await (await drive(judge.operation(operationId), { body: { url } })).json()).toMatchObject({
        errors: [{ field: 'url' }],
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
