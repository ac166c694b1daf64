import { createGrant, revokeGrant } from '../../../functions/app/grants/grants';
import { CreateGrant } from '../../../functions/contract/grants';
import type { Session, Stream } from '../../../functions/contract/state';
import { contentKey, openEncryption, sealNewSecret } from '../../../functions/core/encryption/content-keys';
import { kidOf } from '../../../functions/core/encryption/key-id';
import { CONTENT_KEY_COOKIE, grantAnswer } from '../../../functions/core/grants/grant-answer';
import { type ApiRig, apiRig } from '../../support/api-rig';
import { publishedStream, STREAM_ID, sessionOf } from '../../support/streams';

let rig: ApiRig;
let encryption: NonNullable<Session['encryption']>;
beforeEach(() => {
  rig = apiRig();
  const { contentSecret: environmentSecret, randomId } = rig.deps;
  encryption = {
    method: 'aes-128',
    keyRotationSegments: 3,
    sealed: sealNewSecret(STREAM_ID, { environmentSecret, randomId }),
  };
});
afterEach(() => expect(rig.lines.join('\n')).not.toMatch(/slc_[a-z0-9]{16}/));

const now = () => rig.deps.clock.now();
const create = async (more: Partial<Stream> = {}, session: Partial<Session> = {}): Promise<Stream> => {
  const stream = publishedStream({ startedAt: now(), encryption, ...session }, { encryption: 'aes-128', ...more });
  await rig.deps.streamStore.createStream(stream);
  return stream;
};
const ask = (keyId: string, { query = '', ...headers }: Record<string, string> = {}) =>
  rig.ask('GET', `/streams/${STREAM_ID}/keys/${keyId}${query}`, { headers });
const outcome = async (keyId: string, asked: Record<string, string> = {}) => {
  const answer = await ask(keyId, asked);
  return [answer.status, (await answer.json()).code];
};
/** Asks once more, after the stream that the API remembers for a second was forgotten. */
const later = async (keyId: string, asked: Record<string, string> = {}) => {
  await rig.deps.clock.advance(1000);
  return outcome(keyId, asked);
};
const FIRST = `${sessionOf(1).id}.0`;
const keyOf = (keyId: string) => {
  const { contentSecret: environmentSecret } = rig.deps;
  return Buffer.from(
    contentKey(STREAM_ID, keyId, openEncryption(encryption, { streamId: STREAM_ID, environmentSecret })),
  );
};
const granted = async (stream: Stream) => {
  const { store: grants, signer } = rig.deps.grants;
  const asked = { wanted: CreateGrant.parse({}), subject: 's', origin: undefined };
  const limits = { lifetimeSeconds: 60, grantsPerStream: 10 };
  const grant = await createGrant({ stream, ...asked, limits }, { ...rig.deps, grants, signer });
  return grantAnswer(grant, signer, { nowMs: now(), stream });
};

describe('the key of an open stream', () => {
  it('is 16 bytes that no cache keeps', async () => {
    await create();
    const answer = await ask(FIRST);
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
      200,
      'application/octet-stream',
      'no-store',
    ]);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(keyOf(FIRST));
  });

  it('is there for a page of another origin, as the stream allows it', async () => {
    await create({ allowedOrigins: ['https://shop.example'] });
    const allowed = async (Origin: string) => (await ask(FIRST, { Origin })).headers.get('access-control-allow-origin');
    expect(await allowed('https://shop.example')).toBe('https://shop.example');
    expect(await allowed('https://evil.example')).toBeNull();
  });

  it('is there as long as its session is, also behind newer sessions', async () => {
    const stream = await create();
    const second = sessionOf(2, { startedAt: now() });
    await rig.deps.streamStore.changeStream(STREAM_ID, () => ({
      change: {
        stream: { ...stream, ordinal: 2, session: second },
        sessions: [sessionOf(1, { startedAt: now(), encryption, endedAt: now() }), second],
      },
      result: 0,
    }));
    await rig.deps.clock.advance(1000);
    expect(Buffer.from(await (await ask(FIRST)).arrayBuffer())).toEqual(keyOf(FIRST));
    expect(await later(`${second.id}.0`)).toEqual([404, 'content_key_not_found']);
    await rig.deps.streamStore.changeStream(STREAM_ID, () => ({
      change: { removed: { sessions: [sessionOf(1).id], broadcasts: [] } },
      result: 0,
    }));
    expect(await later(FIRST)).toEqual([404, 'content_key_not_found']);
  });

  it('is not handed out before segments can have it', async () => {
    await create();
    const numbered = (period: number) => `${sessionOf(1).id}.${period}`;
    expect((await ask(numbered(1))).status).toBe(200);
    expect(await outcome(numbered(100))).toEqual([404, 'content_key_not_found']);
    await rig.deps.clock.advance(200_000);
    expect((await ask(numbered(100))).status).toBe(200);
  });

  it('is refused to an address that asks for very many, which hears when to come again', async () => {
    await create();
    const from = { 'X-Forwarded-For': '192.0.2.9, 10.0.0.1' };
    for (let i = 0; i < 600; i += 1) expect((await ask(`9-zzzzzzzz.${i}`, from)).status).toBe(404);
    const refused = await ask(FIRST, from);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await ask(FIRST, { 'X-Forwarded-For': '192.0.2.10, 10.0.0.1' })).status).toBe(200);
  });

  it.each([
    '0',
    'x.0',
    '1-aaaaaaa1',
    '1-aaaaaaa1.-1',
    '1-aaaaaaa1.0.0',
    '1-aaaaaaa1.00',
    `1-aaaaaaa1.${'9'.repeat(10)}`,
    '%2e%2e',
  ])('is none under the id %s', async (keyId) => {
    await create();
    expect((await ask(keyId)).status).toBe(404);
  });

  it('is none of a stream that is not there, is not encrypted, or is suspended', async () => {
    expect(await outcome(FIRST)).toEqual([404, 'content_key_not_found']);
    const { encryption: _, ...session } = sessionOf(1);
    await create({ session });
    expect(await later(FIRST)).toEqual([404, 'content_key_not_found']);
    await rig.deps.streamStore.changeStream(STREAM_ID, (stream) => ({
      ...(stream && { change: { stream: { ...stream, suspended: { at: now() } } } }),
      result: 0,
    }));
    expect(await later(FIRST)).toEqual([409, 'stream_suspended']);
  });
});

describe('the key of a gated stream', () => {
  it('is for the play token of a grant, in query or cookie, and for the token of its playlists', async () => {
    const { playToken, playback } = await granted(await create({ policy: 'gated' }));
    const playlistToken = new URL(playback.native).searchParams.get('token');
    for (const asked of [
      { query: `?token=${playToken}` },
      { Cookie: `a=b; ${CONTENT_KEY_COOKIE}=${playToken}` },
      { query: `?token=${playlistToken}` },
    ])
      expect(Buffer.from(await (await ask(FIRST, asked)).arrayBuffer())).toEqual(keyOf(FIRST));
  });

  it('is for nobody else', async () => {
    const { renewalToken, playToken } = await granted(await create({ policy: 'gated' }));
    for (const query of ['', `?token=${renewalToken}`, '?token=x', `?token=${playToken.slice(0, -1)}0x`])
      expect(await outcome(FIRST, { query })).toEqual([403, 'forbidden']);
    expect((await ask(FIRST, { Authorization: `Bearer ${playToken}` })).status).toBe(403);
  });

  it('is refused from the moment its grant is revoked, and once it has expired', async () => {
    const stream = await create({ policy: 'gated' });
    const one = await granted(stream);
    const two = await granted(stream);
    await revokeGrant(
      { stream, grantId: one.id },
      { ...rig.deps, grants: rig.deps.grants.store, signer: rig.deps.grants.signer },
    );
    expect(await outcome(FIRST, { query: `?token=${one.playToken}` })).toEqual([410, 'grant_ended']);
    await rig.deps.clock.advance(61_000);
    expect(await outcome(FIRST, { query: `?token=${two.playToken}` })).toEqual([403, 'forbidden']);
  });

  it('has a limit of its own for each grant, which strangers at the same address do not use up', async () => {
    const { playToken } = await granted(await create({ policy: 'gated' }));
    for (let i = 0; i < 601; i += 1) await ask(FIRST);
    expect(await outcome(FIRST)).toEqual([429, 'rate_limited']);
    expect((await ask(FIRST, { query: `?token=${playToken}` })).status).toBe(200);
  });
});

describe('the license of a stream in Common Encryption', () => {
  beforeEach(() => {
    encryption = { ...encryption, method: 'cbcs' };
  });
  const kid = (keyId: string): string => kidOf(keyId).toString('base64url');
  const request = (body: unknown, { query = '', ...headers }: Record<string, string> = {}) =>
    rig.ask('POST', `/streams/${STREAM_ID}/keys/license${query}`, {
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const refusal = async (body: unknown, asked: Record<string, string> = {}) => {
    const answer = await request(body, asked);
    return [answer.status, (await answer.json()).code];
  };
  const SECOND = `${sessionOf(1).id}.1`;

  it('has the keys that ClearKey asks for, as a JSON Web Key Set that no cache keeps', async () => {
    await create();
    const answer = await request({ kids: [kid(FIRST), kid(SECOND), kid(FIRST)], type: 'temporary' });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const key = (keyId: string) => ({ kty: 'oct', kid: kid(keyId), k: keyOf(keyId).toString('base64url') });
    expect(await answer.json()).toEqual({ keys: [key(FIRST), key(SECOND)], type: 'temporary' });
  });

  it('leaves out keys that are not there, and is refused where none is', async () => {
    await create();
    const late = `${sessionOf(1).id}.900`;
    const { keys } = await (await request({ kids: [kid(late), kid(FIRST), kid('9-zzzzzzzz.0')] })).json();
    expect(keys.map((key: { kid: string }) => key.kid)).toEqual([kid(FIRST)]);
    for (const none of [kid(late), kid('9-zzzzzzzz.0'), Buffer.alloc(16, 255).toString('base64url')])
      expect(await refusal({ kids: [none] })).toEqual([404, 'content_key_not_found']);
  });

  it('is for the holders of a grant of a gated stream, and for nobody else', async () => {
    const stream = await create({ policy: 'gated' });
    const one = await granted(stream);
    const body = { kids: [kid(FIRST)] };
    expect((await request(body, { query: `?token=${one.playToken}` })).status).toBe(200);
    expect((await request(body, { Cookie: `${CONTENT_KEY_COOKIE}=${one.playToken}` })).status).toBe(200);
    for (const query of ['', '?token=x', `?token=${one.renewalToken}`])
      expect(await refusal(body, { query })).toEqual([403, 'forbidden']);
    const deps = { ...rig.deps, grants: rig.deps.grants.store, signer: rig.deps.grants.signer };
    await revokeGrant({ stream, grantId: one.id }, deps);
    expect(await refusal(body, { query: `?token=${one.playToken}` })).toEqual([410, 'grant_ended']);
  });

  it.each([
    ['no id', { kids: [] }],
    ['too many ids', { kids: Array(17).fill('a'.repeat(22)) }],
    ['an id of another length', { kids: ['a'.repeat(21)] }],
    ['an id that is no text', { kids: [1] }],
    ['no list of ids', {}],
    ['a license to keep', { kids: ['a'.repeat(22)], type: 'persistent-license' }],
  ])('is refused for %s', async (_, body) => {
    await create();
    expect(await refusal(body)).toEqual([422, 'invalid_field']);
  });

  it('takes the body of a player whatever it calls it, and no body that is no JSON', async () => {
    await create();
    const body = { kids: [kid(FIRST)] };
    for (const type of ['application/octet-stream', 'text/plain;charset=UTF-8'])
      expect((await request(body, { 'Content-Type': type })).status).toBe(200);
    for (const broken of ['', '{', 'kids']) expect((await refusal(broken))[0]).toBe(400);
  });

  it('counts each of its keys in the rate of an address, there or not', async () => {
    await create();
    for (let i = 0; i < 596; i += 1) await ask(FIRST);
    expect((await request({ kids: [kid(FIRST), kid(SECOND), kid('9-zzzzzzzz.0')] })).status).toBe(200);
    expect((await request({ kids: [kid(FIRST)] })).status).toBe(200);
    expect(await refusal({ kids: [kid(FIRST)] })).toEqual([429, 'rate_limited']);
  });
});
