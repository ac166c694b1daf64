import { readFileSync } from 'node:fs';
import { jsonLog } from '../../../functions/adapters/log';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { randomId } from '../../../functions/adapters/system';
import {
  HeartbeatAnswer,
  HookAccepted,
  HookRefused,
  MAX_REPORTED_SESSIONS,
  RELAYED_ACTIONS,
  RelayedHook,
  SrsHook,
} from '../../../functions/contract/hooks/srs';
import type { Stream } from '../../../functions/contract/state';
import { openEncryption } from '../../../functions/core/encryption/content-keys';
import type { StreamStore } from '../../../functions/ports/stores';
import { srsHooksHandler } from '../../../functions/srs-hooks/handler';
import { manualClock } from '../../support/manual-clock';
import { heartbeatOf, KEY, nodeOf, OTHER_KEY, reported, STREAM_ID, sessionOf, streamOf } from '../../support/streams';

interface Captured {
  source: string;
  body: string;
}
const captured: Captured[] = readFileSync('test/fixtures/srs/hooks.jsonl', 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));
const actionOf = ({ body }: Captured): string => JSON.parse(body).action;
const isRelayed = (action: string): boolean => RELAYED_ACTIONS.some((each) => each === action);

/** The secret of the environment. */
const CONTENT_SECRET = 'content-secret-of-at-least-32-characters';

const hookOf = (action: string, more: Record<string, unknown> = {}) => ({
  server_id: 'node-1',
  service_id: 'service-1',
  action,
  client_id: 'client-1',
  ip: '192.0.2.1',
  vhost: '__defaultVhost__',
  app: 'live',
  tcUrl: 'rtmp://127.0.0.1:1935/live',
  stream: STREAM_ID,
  param: `?key=${KEY}`,
  stream_url: `/live/${STREAM_ID}`,
  stream_id: 'vid-1234567',
  pageUrl: '',
  ...more,
});

describe('srs-hooks', () => {
  let streamStore: StreamStore;
  let clock: ReturnType<typeof manualClock>;
  let lines: string[];
  let handler: (request: Request) => Promise<Response>;

  beforeEach(async () => {
    streamStore = memoryStreamStore();
    await streamStore.createStream(streamOf());
    clock = manualClock();
    lines = [];
    handler = open(streamStore);
  });
  afterEach(() => expect(lines.join('\n')).not.toMatch(/sk_[a-z2-7]{16}|slc_[a-z0-9]{16}/));

  const open = (of: StreamStore) =>
    srsHooksHandler({
      streamStore: of,
      clock,
      randomId,
      log: jsonLog((line) => lines.push(line)),
      contentSecret: CONTENT_SECRET,
    });
  const post = (path: string, body: unknown) =>
    handler(
      new Request(`http://function/hooks/${path}`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );
  const hook = (action: string, more: Record<string, unknown> = {}) => post(action, hookOf(action, more));
  const beat = async (more: Parameters<typeof heartbeatOf>[0] = {}) =>
    HeartbeatAnswer.parse(await (await post('heartbeat', heartbeatOf(more))).json()).commands;
  const publish = async (more: Record<string, unknown> = {}) => {
    const { session } = HookAccepted.parse(await (await hook('on_publish', more)).json());
    if (session === undefined) throw new Error('no session');
    return session;
  };

  describe('a publisher of an encrypted stream', () => {
    const encrypt = (more: Partial<Stream> = {}) =>
      streamStore.changeStream(STREAM_ID, () => ({
        change: { stream: streamOf({ encryption: 'aes-128', keyRotationSegments: 3, ...more }) },
        result: 0,
      }));
    const admitted = async (more: Record<string, unknown> = {}) =>
      HookAccepted.parse(await (await hook('on_publish', { encrypts: true, ...more })).json());

    it('is not let in at a node of an older image, which would deliver it in the clear', async () => {
      await encrypt();
      const answer = await hook('on_publish');
      expect([answer.status, await answer.json()]).toMatchObject([403, { error: 'not_encrypted' }]);
      expect((await streamStore.getStream(STREAM_ID))?.session).toBeUndefined();
      expect(await admitted()).toHaveProperty('encryption');
    });

    it('is not let in at a node of an image that knows no Common Encryption, and takes over from nobody', async () => {
      await encrypt({ encryption: 'cbcs', packaging: 'cmaf' });
      const answer = await hook('on_publish', { encrypts: true });
      expect([answer.status, await answer.json()]).toMatchObject([403, { error: 'not_encrypted' }]);
      expect((await streamStore.getStream(STREAM_ID))?.session).toBeUndefined();
      expect(await admitted({ encryptsSamples: true })).toMatchObject({ encryption: { method: 'cbcs' } });
    });

    it('gets a secret of its session, which is sealed in the store and stands in no log', async () => {
      await encrypt();
      const { session, encryption } = await admitted();
      expect(encryption).toMatchObject({ method: 'aes-128', keyRotationSegments: 3 });
      const stored = await streamStore.getSession(STREAM_ID, session?.sessionId ?? '');
      const { streamId, environmentSecret } = { streamId: STREAM_ID, environmentSecret: CONTENT_SECRET };
      if (stored?.encryption === undefined) throw new Error('nothing is sealed');
      expect(openEncryption(stored.encryption, { streamId, environmentSecret })).toEqual(encryption);
      expect(JSON.stringify(stored)).not.toContain(encryption?.secret);
      expect(JSON.stringify(session)).not.toContain('slc_');
    });

    it('gets the same one when its hook comes twice, and another one in its next session', async () => {
      await encrypt();
      const first = await admitted();
      const again = await admitted();
      expect(again).toEqual(first);
      const next = await admitted({ client_id: 'client-2' });
      expect(next.encryption?.secret).not.toBe(first.encryption?.secret);
    });

    it('gets none where the stream is in the clear, or was encrypted before', async () => {
      expect(await admitted()).not.toHaveProperty('encryption');
      await encrypt({ encryption: 'none' });
      expect(await admitted({ client_id: 'client-2' })).not.toHaveProperty('encryption');
    });

    it('is not let in where the environment has no secret, rather than delivered in the clear', async () => {
      await encrypt();
      handler = srsHooksHandler({ streamStore, clock, randomId, log: jsonLog((line) => lines.push(line)) });
      expect((await hook('on_publish', { encrypts: true })).status).toBe(500);
    });
  });

  describe('captured bodies', () => {
    it('are of both versions and of every action', () => {
      expect(new Set(captured.map((each) => `${each.source.slice(0, 4)} ${actionOf(each)}`)).size).toBe(14);
    });

    it.each(captured.map((each) => [each.source, actionOf(each), each.body]))(
      '%s %s is understood',
      (_source, action, body) => {
        expect(SrsHook.parse(JSON.parse(body)).action).toBe(action);
      },
    );

    it.each(
      captured.filter((each) => isRelayed(actionOf(each))).map((each) => [each.source, actionOf(each), each.body]),
    )('%s %s gets a decision, and changes nothing for a stranger', async (_source, action, body) => {
      const answer = await post(action, body);
      expect([200, 403]).toContain(answer.status);
      (answer.status === 200 ? HookAccepted : HookRefused).parse(await answer.json());
      expect(await streamStore.getStream(STREAM_ID)).toEqual(streamOf());
    });
  });

  describe('on_publish', () => {
    it('answers code 0 with the session it admitted', async () => {
      const answer = await hook('on_publish');
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({
        code: 0,
        session: { streamId: STREAM_ID, ordinal: 1, policy: 'open', recording: true },
      });
      expect(await streamStore.listSessions(STREAM_ID)).toEqual([
        expect.objectContaining({
          ordinal: 1,
          nodeId: 'node-1',
          serviceId: 'service-1',
          clientId: 'client-1',
          startedAt: clock.now(),
        }),
      ]);
      expect(await streamStore.listBroadcasts(STREAM_ID)).toEqual([expect.objectContaining({ state: 'open' })]);
    });

    it('gives a doubled one, also at once, the same session', async () => {
      const sessions = await Promise.all([publish(), publish(), publish()]);
      expect(new Set(sessions.map(({ sessionId }) => sessionId)).size).toBe(1);
      expect(await streamStore.listSessions(STREAM_ID)).toHaveLength(1);
    });

    it.each<[string, Record<string, unknown>, string]>([
      ['no key', { param: '' }, 'wrong_key'],
      ['another key', { param: `?key=${OTHER_KEY}` }, 'wrong_key'],
      ['a stream nobody created', { stream: 'zzzzzzzzzzzzzzzz' }, 'unknown_stream'],
      ['a stream that leaves its folder', { stream: '../../etc/passwd' }, 'malformed_stream'],
      ['a stream with an extension', { stream: `${STREAM_ID}.m3u8` }, 'malformed_stream'],
      ['the key where the stream belongs', { stream: KEY }, 'malformed_stream'],
      ['another app', { app: 'restream' }, 'wrong_app'],
      ['an app that leaves its folder', { app: 'live/../../../spool' }, 'wrong_app'],
      ['an app below live', { app: 'live/tenant1' }, 'wrong_app'],
    ])('refuses %s, says why in the log, and changes nothing', async (_name, more, error) => {
      const answer = await hook('on_publish', more);
      expect(answer.status).toBe(403);
      const refusal = HookRefused.parse(await answer.json());
      expect(refusal.error).toBe(error);
      expect(refusal.message).not.toContain('sk_a');
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({
          event: 'hook_refused',
          error,
          message: refusal.message,
          clientId: 'client-1',
          ip: '192.0.2.1',
        }),
      ]);
      expect(await streamStore.getStream(STREAM_ID)).toEqual(streamOf());
    });

    it('lets the newest take over, and has the node of the one before kick it', async () => {
      const first = await publish();
      await beat({ sessions: [{ ...reported(sessionOf(1)), sessionId: first.sessionId }] });
      const second = await publish({ server_id: 'node-2', client_id: 'client-2' });
      expect(second).toMatchObject({ ordinal: 2, broadcastId: first.broadcastId });
      const kick = { kind: 'kick', streamId: STREAM_ID, sessionId: first.sessionId, reason: 'superseded' };
      const named = { sessions: [{ ...reported(sessionOf(1)), sessionId: first.sessionId }] };
      expect(await beat(named)).toEqual([kick]);
      await clock.advance(60_000);
      expect(await beat(named)).toEqual([kick]);
      expect(await beat({ sessions: [] })).toEqual([]);
    });

    it('refuses the client that was taken over, however often it asks again', async () => {
      await publish();
      const second = await publish({ client_id: 'client-2' });
      expect(await (await hook('on_publish')).json()).toMatchObject({ error: 'superseded' });
      expect((await streamStore.getStream(STREAM_ID))?.session?.id).toBe(second.sessionId);
    });

    it('keeps the live one at the fourth takeover within a minute, and raises an alert', async () => {
      for (const client of ['a', 'b', 'c', 'd']) await publish({ client_id: client });
      const refused = await hook('on_publish', { client_id: 'e' });
      expect(await refused.json()).toMatchObject({ error: 'takeover_limit' });
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'takeover_limit', severity: 'ERROR' });
      expect((await streamStore.getStream(STREAM_ID))?.session?.clientId).toBe('d');
      await clock.advance(60_000);
      expect((await publish({ client_id: 'e' })).ordinal).toBe(5);
    });
  });

  describe('on_unpublish', () => {
    it('ends the session, once', async () => {
      await publish();
      await clock.advance(1000);
      for (const _ of [1, 2]) expect(await (await hook('on_unpublish')).json()).toEqual({ code: 0 });
      expect((await streamStore.getStream(STREAM_ID))?.session).toMatchObject({
        endedAt: clock.now(),
        endReason: 'unpublished',
      });
      expect(lines.map((line) => JSON.parse(line).event)).toEqual([
        'publisher_admitted',
        'publisher_left',
        'unpublish_ignored',
      ]);
    });

    it('of an old session never ends a newer one', async () => {
      await publish();
      await publish({ client_id: 'client-2' });
      expect((await hook('on_unpublish')).status).toBe(200);
      expect((await streamStore.getStream(STREAM_ID))?.session).not.toHaveProperty('endedAt');
    });

    it('needs no key', async () => {
      await publish();
      await hook('on_unpublish', { param: '' });
      expect((await streamStore.getStream(STREAM_ID))?.session).toHaveProperty('endedAt');
    });
  });

  describe('on_play', () => {
    it.each([
      ['an open stream', 'open', STREAM_ID, 200],
      ['a gated stream', 'gated', STREAM_ID, 403],
      ['an unknown stream', 'open', 'zzzzzzzzzzzzzzzz', 403],
    ] as const)('of %s', async (_name, policy, stream, status) => {
      await streamStore.changeStream(STREAM_ID, () => ({
        change: { stream: streamOf({ policy }) },
        result: undefined,
      }));
      const answer = await hook('on_play', { stream, param: '' });
      expect(answer.status).toBe(status);
      expect(await answer.json()).toMatchObject(status === 200 ? { code: 0 } : { error: 'not_playable' });
    });
  });

  it.each(['on_connect', 'on_stop'])('lets %s pass for the app live only', async (action) => {
    expect(await (await hook(action)).json()).toEqual({ code: 0 });
    expect(await (await hook(action, { app: 'other' })).json()).toMatchObject({ error: 'wrong_app' });
  });

  describe('malformed requests', () => {
    const without = (field: string) =>
      Object.fromEntries(Object.entries(hookOf('on_publish')).filter(([name]) => name !== field));

    it.each<[string, string, unknown, number, string]>([
      [
        'a stream that is a number',
        'on_publish',
        hookOf('on_publish', { stream: 7 }),
        400,
        'stream: Invalid input: expected string',
      ],
      ['a param that is missing', 'on_publish', without('param'), 400, 'param: Invalid input: expected string'],
      ['a client that is empty', 'on_publish', hookOf('on_publish', { client_id: '' }), 400, 'client_id: Too small'],
      [
        'a client that is null',
        'on_publish',
        hookOf('on_publish', { client_id: null }),
        400,
        'client_id: Invalid input',
      ],
      [
        'a server that leaves its folder',
        'on_publish',
        hookOf('on_publish', { server_id: '../x' }),
        400,
        "server_id: use 1-63 of a-z, 0-9, '-'",
      ],
      [
        'a param of 3000 characters',
        'on_publish',
        hookOf('on_publish', { param: 'x'.repeat(3000) }),
        400,
        'param: Too big',
      ],
      [
        'an action that is missing',
        'on_publish',
        without('action'),
        400,
        'action: Invalid discriminator value. Expected',
      ],
      [
        'an action the path does not say',
        'on_publish',
        hookOf('on_play'),
        400,
        "action: got 'on_play', but the path names 'on_publish'",
      ],
      [
        'an unknown action',
        'on_hls',
        hookOf('on_hls'),
        404,
        "action 'on_hls': use on_connect, on_publish, on_unpublish, on_play, on_stop",
      ],
      ['text', 'on_publish', 'publish, please', 400, 'body: use JSON'],
      ['nothing', 'on_publish', '', 400, 'body: use JSON; it is empty'],
      ['an array', 'on_publish', '[]', 400, 'body: Invalid input: expected object'],
      ['a megabyte of junk', 'on_publish', 'x'.repeat(1_000_000), 413, 'at most 65536 are allowed'],
      [
        'a megabyte in a field',
        'on_publish',
        hookOf('on_publish', { ip: 'x'.repeat(1_000_000) }),
        413,
        'at most 65536 are allowed',
      ],
      [
        'a heartbeat without sessions',
        'heartbeat',
        { ...heartbeatOf(), sessions: undefined },
        400,
        'sessions: Invalid input',
      ],
      ['a heartbeat without a list of sessions', 'heartbeat', { ...heartbeatOf(), sessions: 'all' }, 400, 'sessions'],
      ['a heartbeat of 2 MB', 'heartbeat', 'x'.repeat(2_000_000), 413, 'at most 1048576 are allowed'],
    ])('%s: answered clearly, logged once, nothing changed', async (_name, path, body, status, detail) => {
      const answer = await post(path, body);
      expect(answer.status).toBe(status);
      expect((await answer.json()).detail).toContain(detail);
      expect(lines.map((line) => JSON.parse(line).event)).toEqual(['request_refused']);
      expect(await streamStore.getStream(STREAM_ID)).toEqual(streamOf());
      expect(await streamStore.listNodes()).toEqual([]);
    });

    it('takes a hook by POST only', async () => {
      const answer = await handler(new Request('http://function/hooks/on_publish'));
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    });
  });

  describe('when the stream store is away', () => {
    it.each([
      ['fails', () => Promise.reject(Object.assign(new Error('14 UNAVAILABLE'), { code: 14 }))],
      ['hangs', () => new Promise<never>(() => undefined)],
    ])('answers 503 if it %s', async (_name, changeStream) => {
      handler = open({ ...streamStore, changeStream });
      const answering = hook('on_publish');
      await clock.advance(0);
      await clock.advance(4000);
      const answer = await answering;
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ code: 'unavailable' });
      expect(lines).toHaveLength(1);
    });
  });

  it('takes a heartbeat with one report that is none: it is left out, and told once', async () => {
    const good = reported(sessionOf(2));
    const media = { video: { codec: 'H264', framesPerSecond: 0 }, segmentSeconds: 2 };
    const bad = [{ ...reported(sessionOf(1)), media }, { ...good, sessionId: 'x' }, null];
    const body = { ...heartbeatOf(), sessions: [...bad, good] };
    for (let time = 0; time < 3; time += 1) expect((await post('heartbeat', body)).status).toBe(200);
    const sessions = (await streamStore.getNode('node-1'))?.sessions;
    expect(sessions).toEqual([{ ...reported(sessionOf(1)), media: undefined }, good]);
    const told = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'session_report_left_out');
    expect(told).toMatchObject([{ sessionId: sessionOf(1).id, part: 'media' }, { sessionId: 'x' }, { sessionId: '' }]);
  });

  it('takes the most a node reports within its limit of bytes, and no more', async () => {
    const video = {
      codec: 'H264',
      width: 1920,
      height: 1080,
      framesPerSecond: 59.94,
      bFrames: false,
      keyframeSeconds: 2.13,
    };
    const media = { video, audio: { codec: 'AAC', samplesPerSecond: 48_000, channels: 2 }, segmentSeconds: 2 };
    const sessions = Array.from({ length: MAX_REPORTED_SESSIONS }, (_, n) => ({
      ...reported(sessionOf(1)),
      sessionId: `${n + 1}-aaaaaaaa`,
      peakBitrateBps: 123_456_789,
      media,
    }));
    expect(await beat({ sessions })).toEqual([]);
    expect(await beat({ sessions: [...sessions, { ...reported(sessionOf(1)), sessionId: '9999-aaaaaaaa' }] })).toEqual(
      [],
    );
    expect((await streamStore.getNode('node-1'))?.sessions).toHaveLength(MAX_REPORTED_SESSIONS);
  });

  it('answers a heartbeat though one of the sessions it is to end has a document nobody gets hold of', async () => {
    const stuck = sessionOf(1);
    const other = { ...sessionOf(1), streamId: 'zzzzzzzzzzzzzzzz' };
    await streamStore.createStream(streamOf({ id: other.streamId, session: other }));
    const kicks = [stuck, other].map(({ streamId, id }) => ({
      streamId,
      sessionId: id,
      reason: 'duration_cap',
      at: 0,
      due: 1,
    }));
    await streamStore.changeNode('node-1', () => ({ node: nodeOf({ kicks }), result: undefined }));
    const changeStream: StreamStore['changeStream'] = (id, decide) =>
      id === stuck.streamId ? new Promise<never>(() => undefined) : streamStore.changeStream(id, decide);
    handler = open({ ...streamStore, changeStream });
    const sessions = [stuck, other].map((session) => reported(session));
    const answering = post('heartbeat', heartbeatOf({ sessions }));
    await clock.advance(0);
    await clock.advance(1500);
    expect((await (await answering).json()).commands).toHaveLength(2);
    expect((await streamStore.getStream(other.streamId))?.session?.endReason).toBe('duration_cap');
    expect(lines.map((line) => JSON.parse(line).event)).toContain('session_not_judged');
  });

  it('hands a drain over', async () => {
    await streamStore.changeNode('node-1', () => ({ node: nodeOf({ draining: true }), result: undefined }));
    expect(await beat()).toEqual([{ kind: 'drain' }]);
  });

  it('relays the actions its schema knows', () => {
    expect(RelayedHook.options.map((option) => option.shape.action.value)).toEqual([...RELAYED_ACTIONS]);
  });
});
