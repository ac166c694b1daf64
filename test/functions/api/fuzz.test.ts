import fc from 'fast-check';
import { ROUTES } from '../../../functions/contract/routes';
import { ADMIN, type ApiRig, apiRig, HOOK_SECRET, hurried } from '../../support/api-rig';
import { hostileBodies, valuesOf } from '../../support/openapi/arbitrary';
import { Document, type Operation, operationsOf, pathOf } from '../../support/openapi/document';
import { Judge } from '../../support/openapi/judge';
import { broadcastOf, nodeOf, publishedStream, STREAM_ID, sessionOf } from '../../support/streams';

/**
 * Every operation, from its own schema: what it allows is taken, what it does not is refused in words, and nothing else
 * happens.
 */
const RUNS = { numRuns: 25 };
const THERE = {
  grantId: 'g'.repeat(16),
  broadcastId: 'b1-aaaaaaaa',
  playlist: 'source.m3u8',
  prefix: 'abcd1234',
  webhookId: `wh_${'a'.repeat(16)}`,
  eventId: `evt_${'0'.repeat(32)}`,
  id: STREAM_ID,
  sessionId: sessionOf(1).id,
  recordingId: broadcastOf().id,
  keyId: `${sessionOf(1).id}.0`,
  nodeId: 'node-1',
};
const NOWHERE = 'zzzzzzzzzzzzzzzz';

let document: Document;
let judge: Judge;
const operations: Operation[] = [];

beforeAll(async () => {
  document = Document.parse(await (await apiRig().ask('GET', ROUTES.api.openapi, { headers: {} })).json());
  judge = new Judge(document);
  operations.push(...operationsOf(document));
});

/** A stream of `owner`'s that is over and recorded. */
async function rigWith(owner?: string): Promise<ApiRig> {
  const rig = apiRig();
  hurried(rig);
  const now = rig.deps.clock.now();
  const session = sessionOf(1, { startedAt: now - 60_000, endedAt: now, endReason: 'unpublished' });
  const stream = publishedStream(session, {
    unfinished: [],
    allowedOrigins: ['https://show.example'],
    ...(owner && { owner }),
  });
  const broadcasts = [broadcastOf({ state: 'closed', closedAt: now })];
  await rig.deps.streamStore.changeStream(STREAM_ID, () => ({
    change: { stream, sessions: [session], broadcasts },
    result: 0,
  }));
  await rig.deps.streamStore.changeNode('node-1', () => ({ node: nodeOf({ heartbeatAt: now }), result: 0 }));
  return rig;
}

const isHook = ({ security = [] }: Operation): boolean => security.some((each) => 'hookSecret' in each);
const secretOf = (operation: Operation): string => (isHook(operation) ? `secret=${HOOK_SECRET}` : '');
const bodiesOf = ({ requestBody }: Operation) =>
  Object.values(requestBody?.content ?? {}).map(({ schema }) => valuesOf(schema, document));

/** As documented, in words, and with nothing of the inside. */
async function expectCivil(operation: Operation, answer: Response): Promise<void> {
  const text = await answer.clone().text();
  expect(await judge.judge(operation, answer)).toEqual([]);
  expect(answer.status).toBeLessThan(500);
  expect(text.length).toBeLessThan(20_000);
  expect(text).not.toMatch(/node_modules|\.ts:\d|\n\s+at /);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : inForm(value));
const inForm = (value: unknown): string =>
  `${new URLSearchParams(Object.entries(Object(value)).map(([name, field]): [string, string] => [name, String(field)]))}`;

/** Rules of these no schema tells: which time it is, a role's fields, where a webhook may lead, what is an offer. */
const STRICTER = [
  'overrideBudget',
  'setCdnPriority',
  'createApiKey',
  'createWebhook',
  'changeWebhook',
  'publishWhip',
  'playWhep',
  'publishSrs',
  'playSrs',
];
const typeOf = ({ mediaType }: Operation) => (mediaType === 'application/sdp' ? { 'Content-Type': mediaType } : {});

/**
 * Leaves out what no schema tells: a ladder needs CMAF, CMAF needs nodes that can make it, low latency needs an open
 * stream, and encryption and hot backup
 * need transport streams of normal latency.
 */
function withoutPackaging(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const {
    packaging: _packaging,
    ladder: _ladder,
    latency: _latency,
    encryption: _encryption,
    keyRotationSegments: _rotation,
    hotBackup: _hotBackup,
    ...others
  }: Record<string, unknown> = { ...value };
  return others;
}

it('the API accepts every body that the document allows', async () => {
  for (const operation of operations.filter(({ requestBody }) => requestBody !== undefined)) {
    for (const values of bodiesOf(operation)) {
      await fc.assert(
        fc.asyncProperty(values, async (value) => {
          const rig = await rigWith();
          const body =
            operation.mediaType === 'application/json' ? JSON.stringify(withoutPackaging(value)) : textOf(value);
          const action = typeof value === 'object' && value !== null && 'action' in value ? String(value.action) : '';
          const path = `${pathOf(operation, { ...THERE, action })}?${secretOf(operation)}`;
          const answer = await rig.ask(operation.method, path, { headers: { ...ADMIN, ...typeOf(operation) }, body });
          await expectCivil(operation, answer.clone());
          if (!STRICTER.includes(operation.operationId)) expect([400, 413, 422]).not.toContain(answer.status);
        }),
        RUNS,
      );
    }
  }
}, 60_000);

it('the API answers hostile bodies in words', async () => {
  for (const operation of operations.filter(({ requestBody }) => requestBody !== undefined)) {
    const rig = await rigWith();
    const path = `${pathOf(operation, { ...THERE, action: 'on_publish' })}?${secretOf(operation)}`;
    for (const values of bodiesOf(operation)) {
      await fc.assert(
        fc.asyncProperty(hostileBodies(values), async (body) => {
          await expectCivil(
            operation,
            await rig.ask(operation.method, path, { headers: { ...ADMIN, ...typeOf(operation) }, body }),
          );
        }),
        RUNS,
      );
    }
  }
}, 60_000);

const hostileTexts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '.',
    '..',
    '%00',
    '%2e%2e',
    'x'.repeat(3000),
    '__proto__',
    NOWHERE,
    STREAM_ID,
    '0',
    '-1',
    '1e9',
    'null',
  ),
);
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '?');
const hostileHeaders = fc.string().map((text) => text.replace(/[^\x20-\x7e]/g, '').trim());

it('the API answers hostile paths, queries and headers in words', async () => {
  for (const operation of operations) {
    const rig = await rigWith();
    const names = ['query', 'header'].map((place) =>
      operation.parameters.filter((each) => each.in === place).map(({ name }) => name),
    );
    const [queries = [], headers = []] = names;
    const some = (keys: readonly string[], texts: fc.Arbitrary<string>) =>
      fc.dictionary(fc.constantFrom(...keys, 'nonsense'), texts, { maxKeys: 3, noNullPrototype: true });
    const asked = fc.record({
      parameters: fc.record(
        { id: hostileTexts, sessionId: hostileTexts, recordingId: hostileTexts, nodeId: hostileTexts },
        { requiredKeys: [] },
      ),
      query: some(queries, hostileTexts),
      sent: some(headers, hostileHeaders),
    });
    await fc.assert(
      fc.asyncProperty(asked, async ({ parameters, query, sent }) => {
        const encoded = Object.fromEntries(
          Object.entries(parameters).map(([name, text]) => [name, encodeURIComponent(wellFormed(text)) || 'x']),
        );
        const path = pathOf(operation, { ...THERE, action: 'on_publish', ...encoded });
        // Dots lead elsewhere before anybody sees them.
        if (new URL(path, 'http://function').pathname !== path) return;
        const search = new URLSearchParams(
          Object.entries(query).map(([name, text]): [string, string] => [name, wellFormed(text)]),
        );
        const body = operation.requestBody === undefined ? {} : { body: '{}' };
        const answer = await rig.ask(operation.method, `${path}?${search}&${secretOf(operation)}`, {
          headers: { ...ADMIN, ...typeOf(operation), ...sent },
          ...body,
        });
        await expectCivil(operation, answer);
      }),
      RUNS,
    );
  }
}, 60_000);

/** Operations that anybody with the id may use, without being a caller. */
const PUBLIC: readonly string[] = [ROUTES.api.public, ROUTES.api.playback, ROUTES.api.beacons];
type Stranger = Parameters<ApiRig['caller']>[0];

it('the API never mentions a stream of another owner', async () => {
  const ofStreams = operations.filter(
    ({ path, parameters }) => path.startsWith(ROUTES.api.stream) && !PUBLIC.includes(path) && parameters.length > 0,
  );
  expect(ofStreams.length).toBeGreaterThan(10);
  for (const operation of ofStreams) {
    const rig = await rigWith('ann');
    const ask = async (who: Stranger, id: string, more = {}) => {
      const headers = { ...(await rig.caller(who)), ...more };
      const body =
        operation.requestBody === undefined
          ? {}
          : { body: operation.operationId === 'createStream' ? { title: 't' } : {} };
      const answer = await rig.ask(operation.method, pathOf(operation, { ...THERE, id }), { headers, ...body });
      const { requestId: _, ...problem } = await answer.json();
      const seen = [...answer.headers].filter(([name]) => name !== 'x-request-id' && !name.startsWith('ratelimit-'));
      return JSON.stringify([answer.status, problem, seen]);
    };
    const before = await rig.deps.streamStore.getStream(STREAM_ID);
    const strangers: Stranger[] = [
      { role: 'publisher', subject: 'bob' },
      { role: 'viewer', subject: 'bob', streams: [NOWHERE] },
    ];
    for (const who of strangers)
      for (const more of [
        {},
        { 'If-Match': '"9"' },
        { 'Idempotency-Key': 'one-of-anns-keys' },
        { Origin: 'https://show.example' },
      ])
        expect(await ask(who, STREAM_ID, more)).toBe(await ask(who, 'yyyyyyyyyyyyyyyy', more));
    expect(await rig.deps.streamStore.getStream(STREAM_ID)).toEqual(before);
  }
}, 30_000);
