import { restrictSender } from '../../../functions/core/chat/moderate';
import { mintToken } from '../../../functions/core/signing/token';
import { CHAT, type ChatRig, chatRig } from '../../support/chat/rig';
import { NEWEST } from '../../support/signing-keys';
import { STREAM_ID } from '../../support/streams';

let rig: ChatRig;
let one: ReturnType<ChatRig['instance']>;

beforeEach(async () => {
  rig = chatRig();
  await rig.addStream();
  one = rig.instance();
});

/** Sends messages of as many senders, so that nobody has to wait. */
async function say(count: number, from = 1): Promise<void> {
  for (let n = from; n < from + count; n += 1) {
    if (n % 10 === 0) await rig.clock.advance(1000);
    const answer = await rig.ask(one, {
      token: rig.token(`s${n}`),
      body: { text: `text ${n}` },
      address: `10.0.0.${n % 250}`,
    });
    expect(answer.status).toBe(201);
  }
}
const texts = (events: { data: Record<string, unknown> }[]) => events.map(({ data }) => data.text);
const isText = (text: string) => (event: { data: Record<string, unknown> }) => event.data.text === text;
async function problem(answer: Promise<Response>) {
  const { status, headers } = await answer;
  return { status, ...(await (await answer).json()), retryAfter: headers.get('retry-after') };
}
async function restrict(subject: string, kind: 'mute' | 'ban', seconds?: number): Promise<void> {
  const sender = rig.sender(subject);
  const order = {
    streamId: STREAM_ID,
    sender,
    wanted: { kind, seconds },
    by: 'ops',
    retentionHours: 24,
    nowMs: rig.clock.now(),
  };
  await rig.deps.rooms.change(STREAM_ID, { sender }, (found) => restrictSender(found, order));
}

describe('reading a chat', () => {
  it('begins with the room, then the history, then what is sent', async () => {
    await say(2);
    const reader = await rig.read(one);
    expect(await reader.next()).toEqual({ event: 'room', data: { resumed: false, slowSeconds: 0 } });
    expect(reader.retryMs).toBeGreaterThanOrEqual(1000);
    expect(await reader.next()).toEqual({
      event: 'message',
      id: '1',
      data: {
        number: 1,
        sentAt: '2026-11-20T10:00:00.000Z',
        sender: rig.sender('s1'),
        name: 's1',
        role: 'viewer',
        text: 'text 1',
      },
    });
    await say(1, 3);
    expect(texts(await reader.until(isText('text 3')))).toEqual(['text 2', 'text 3']);
  });

  it('tells the holder of a room token who they are', async () => {
    const reader = await rig.read(one, { token: rig.token('ann', { role: 'moderator', name: 'Ann' }) });
    const you = { sender: rig.sender('ann'), name: 'Ann', role: 'moderator' };
    expect(await reader.next()).toMatchObject({ data: { you } });
  });

  it('goes on after the last event of another instance, which ended, and loses and doubles nothing', async () => {
    const two = rig.instance();
    const reader = await rig.read(one);
    await say(30);
    const seen = await reader.until(isText('text 20'));
    one.stop();
    const rest = await reader.until(({ event }) => event === 'end');
    expect(rest.at(-1)).toEqual({ event: 'end', data: { reason: 'reconnect' } });
    await expect(reader.next()).rejects.toThrow('the events have ended');
    await say(30, 31);
    const again = await rig.read(two, { after: reader.lastEventId ?? '' });
    const after = await again.until(isText('text 60'));
    expect(after[0]).toMatchObject({ event: 'room', data: { resumed: true } });
    const all = texts([...seen, ...rest, ...after]).filter((text) => text !== undefined);
    expect(all).toEqual(Array.from({ length: 60 }, (_, n) => `text ${n + 1}`));
    expect(await problem(rig.ask(one))).toMatchObject({ status: 503, retryAfter: '2' });
  });

  it('begins again, and says so, for a reader that was away for more than the history', async () => {
    await say(120);
    const reader = await rig.read(one, { after: '5' });
    expect(await reader.next()).toMatchObject({ data: { resumed: false } });
    const events = await reader.until(isText('text 120'));
    expect([texts(events)[0], events.length]).toEqual(['text 21', 100]);
    const near = await rig.read(one, { after: '20' });
    expect(await near.next()).toMatchObject({ data: { resumed: true } });
  });

  it.each(['', '0', '-1', '1e3', '1.5', '99999999999999999999', 'Infinity', '5; drop', '000000000001', '999999'])(
    'takes Last-Event-ID %j for no number of this room',
    async (after) => {
      await say(3);
      const reader = await rig.read(one, { after });
      expect(await reader.next()).toMatchObject({ data: { resumed: false } });
      expect(texts(await reader.until(isText('text 3')))).toEqual(['text 1', 'text 2', 'text 3']);
    },
  );

  it('waits for the numbers that a reader has from a faster instance', async () => {
    await say(3);
    const reader = await rig.read(one, { after: '5' });
    expect(await reader.next()).toMatchObject({ data: { resumed: true } });
    await say(3, 4);
    expect(await reader.next()).toMatchObject({ id: '6' });
  });

  it('hears a message once, however many read it, for one read of the store', async () => {
    await rig.read(one);
    const before = rig.deps.rooms.reads;
    const readers = await Promise.all(Array.from({ length: 10 }, () => rig.read(one)));
    await say(5);
    for (const reader of readers) expect(texts(await reader.until(isText('text 5')))).toHaveLength(6);
    expect(rig.deps.rooms.reads - before).toBe(5);
  });

  it('has no expired messages, and no deleted ones', async () => {
    await say(1);
    await rig.clock.advance(23 * 3_600_000);
    await say(1, 2);
    await rig.clock.advance(2 * 3_600_000);
    const reader = await rig.read(one);
    await say(1, 3);
    expect(texts(await reader.until(isText('text 3')))).toEqual([undefined, 'text 2', 'text 3']);
  });

  it('sends a comment while nothing happens', async () => {
    const reader = await rig.read(one);
    await reader.next();
    await rig.clock.advance(15_000);
    await say(1);
    await reader.next();
    expect(reader.comments).toHaveLength(1);
  });

  it('moves its readers on after ten minutes, and those whose token ends before', async () => {
    const expires = await rig.read(one, { token: rig.token('ann') });
    const moves = await rig.read(one);
    for (let at = 0; at < 600; at += 15) await rig.clock.advance(15_000);
    expect(await moves.until(({ event }) => event === 'end')).toMatchObject([{}, { data: { reason: 'reconnect' } }]);
    expect(await expires.until(({ event }) => event === 'end')).toMatchObject([{}, { data: { reason: 'reconnect' } }]);
    const token = rig.token('ann');
    await rig.clock.advance(3_500_000);
    const late = await rig.read(one, { token });
    for (let at = 0; at < 120; at += 15) await rig.clock.advance(15_000);
    expect((await late.until(({ event }) => event === 'end')).at(-1)?.data).toEqual({ reason: 'expired' });
    expect(one.connections()).toBe(0);
  });

  it('ends for the banned, who cannot come back, and tells nobody else but moderators', async () => {
    const bad = await rig.read(one, { token: rig.token('bad') });
    const good = await rig.read(one, { token: rig.token('good') });
    const moderator = await rig.read(one, { token: rig.token('mod', { role: 'moderator' }) });
    await restrict('bad', 'ban');
    await say(1);
    const events = await bad.until(({ event }) => event === 'end');
    expect(events.map(({ event }) => event)).toEqual(['room', 'restriction', 'end']);
    expect((await good.until(isText('text 1'))).map(({ event }) => event)).toEqual(['room', 'message']);
    expect((await moderator.until(isText('text 1'))).map(({ event }) => event)).toEqual([
      'room',
      'restriction',
      'message',
    ]);
    expect(await problem(rig.ask(one, { token: rig.token('bad') }))).toMatchObject({
      status: 403,
      code: 'chat_restricted',
    });
    expect(await problem(rig.ask(one, { token: rig.token('bad'), body: { text: 'x' } }))).toMatchObject({
      status: 403,
    });
  });

  it('is there again for a sender whose ban has ended by itself, though the history has the ban', async () => {
    await restrict('bad', 'ban', 60);
    await rig.clock.advance(60_000);
    const reader = await rig.read(one, { token: rig.token('bad') });
    await say(1);
    const events = await reader.until(({ event }) => event === 'message' || event === 'end');
    expect(events.map(({ event }) => event)).toEqual(['room', 'restriction', 'message']);
  });

  it('is refused in time where the store does not answer, and hears nothing for nobody later', async () => {
    const { listen } = rig.deps.rooms;
    let stops = 0;
    rig.deps.rooms.listen = () => () => {
      stops += 1;
    };
    const asked = problem(rig.ask(one));
    for (let seconds = 0; seconds < 12; seconds += 1) await rig.clock.advance(1000);
    expect(await asked).toMatchObject({ status: 503, code: 'unavailable' });
    expect(one.connections()).toBe(0);
    await rig.clock.advance(30_000);
    expect(stops).toBe(1);
    rig.deps.rooms.listen = listen;
    expect(await (await rig.read(one)).next()).toMatchObject({ event: 'room' });
  });

  it('is refused as unavailable where the instance ends before the store has answered', async () => {
    rig.deps.rooms.listen = () => () => undefined;
    const asked = problem(rig.ask(one));
    await rig.clock.advance(0);
    one.stop();
    expect(await asked).toMatchObject({ status: 503, code: 'unavailable' });
  });

  it('ends when the stream loses its chat', async () => {
    const reader = await rig.read(one);
    await rig.changeStream({ chat: { ...CHAT, enabled: false } });
    await rig.clock.advance(30_000);
    expect((await reader.until(({ event }) => event === 'end')).at(-1)?.data).toEqual({ reason: 'closed' });
    expect(await problem(rig.ask(one))).toMatchObject({ status: 409, code: 'chat_disabled' });
  });

  it('leaves nothing behind when its readers leave', async () => {
    const readers = await Promise.all(Array.from({ length: 5 }, () => rig.read(one)));
    for (const reader of readers) await reader.leave();
    expect(one.connections()).toBe(0);
    await rig.clock.advance(30_000);
    const before = rig.deps.rooms.reads;
    await say(1);
    expect(rig.deps.rooms.reads).toBe(before);
  });
});

describe('the right to read', () => {
  it('is everybody’s on an open stream, and nobody’s on one that is not there or suspended', async () => {
    expect(await problem(rig.ask(one, { id: 'zzzzzzzzzzzzzzzz' }))).toMatchObject({ status: 404 });
    expect(await problem(rig.ask(one, { id: 'a..b' }))).toMatchObject({ status: 404, code: 'stream_not_found' });
    await rig.changeStream({ suspended: { at: 1 } });
    expect(await problem(rig.ask(one))).toMatchObject({ status: 409, code: 'stream_suspended' });
  });

  it('needs a play token or a room token on a gated stream, which else is not there', async () => {
    await rig.changeStream({ policy: 'gated' });
    const nowMs = rig.clock.now();
    const grant = { id: 'grantgrantgrant0', streamId: STREAM_ID, subject: 'c', createdAt: 0, origins: [], renewals: 0 };
    const times = { expiresAt: nowMs + 60_000, endsAt: nowMs + 60_000, lifetimeSeconds: 60 };
    await rig.deps.grants.add({ ...grant, ...times }, { max: 1, nowMs });
    const claims = { streamId: STREAM_ID, grantId: grant.id, expires: Math.floor(nowMs / 1000) + 60 };
    const none = await problem(rig.ask(one));
    const nowhere = await problem(rig.ask(one, { id: 'zzzzzzzzzzzzzzzz' }));
    expect({ ...none, requestId: '' }).toEqual({ ...nowhere, requestId: '' });
    const wrong = await problem(rig.ask(one, { token: 'wrong' }));
    const wrongNowhere = await problem(rig.ask(one, { id: 'zzzzzzzzzzzzzzzz', token: 'wrong' }));
    expect({ ...wrong, requestId: '' }).toEqual({ ...wrongNowhere, requestId: '' });
    await rig.read(one, { token: mintToken('play', claims, NEWEST) });
    await rig.read(one, { token: rig.token('ann') });
    const forged = mintToken('play', { ...claims, streamId: 'zzzzzzzzzzzzzzzz' }, NEWEST);
    expect(await problem(rig.ask(one, { token: forged }))).toMatchObject({ status: 404 });
    const revoked = { ...grant, ...times, revokedAt: 1 };
    await rig.deps.grants.change(STREAM_ID, grant.id, () => ({ grant: revoked, result: 0 }));
    expect(await problem(rig.ask(one, { token: mintToken('play', claims, NEWEST) }))).toMatchObject({ status: 410 });
  });
});

describe('sending a message', () => {
  const send = (body: unknown, token = rig.token('ann')) => rig.ask(one, { token, body });

  it('answers the message, and adds it once when it is sent again', async () => {
    const first = await (await send({ text: 'hello', id: 'm1' })).json();
    expect(first).toMatchObject({ number: 1, name: 'ann', role: 'viewer', text: 'hello' });
    expect(await (await send({ text: 'hello', id: 'm1' })).json()).toEqual(first);
    await rig.clock.advance(1000);
    expect(await (await send({ text: 'hello', id: 'm2' })).json()).toMatchObject({ number: 2 });
  });

  it('takes one message a second of a sender, whichever instance it is, and says how long to wait', async () => {
    expect((await send({ text: 'one' })).status).toBe(201);
    const again = rig.ask(rig.instance(), { token: rig.token('ann'), body: { text: 'two' } });
    expect(await problem(again)).toMatchObject({ status: 429, code: 'rate_limited', retryAfter: '1' });
    await rig.clock.advance(1000);
    expect((await send({ text: 'two' })).status).toBe(201);
  });

  it('takes one message in slowSeconds, but for moderators', async () => {
    await rig.changeStream({ chat: { ...CHAT, slowSeconds: 30 } });
    const moderator = rig.token('mod', { role: 'moderator' });
    for (const token of [rig.token('ann'), moderator]) expect((await send({ text: 'one' }, token)).status).toBe(201);
    await rig.clock.advance(1000);
    expect(await problem(send({ text: 'two' }))).toMatchObject({ status: 429, retryAfter: '29' });
    expect((await send({ text: 'two' }, moderator)).status).toBe(201);
  });

  it('takes ten messages a second of a room', async () => {
    const sent = Array.from({ length: 12 }, (_, n) => send({ text: 'x' }, rig.token(`s${n}`)));
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([...Array(10).fill(201), 429, 429]);
  });

  it('is for readers who are not muted', async () => {
    await restrict('ann', 'mute');
    expect(await problem(send({ text: 'x' }))).toMatchObject({ status: 403, code: 'chat_restricted' });
    const reader = await rig.read(one, { token: rig.token('ann') });
    expect(await reader.next()).toMatchObject({ event: 'room' });
  });

  it.each([
    ['nothing', undefined],
    ['a forged one', `slt_${STREAM_ID}_${'a'.repeat(16)}_9999999999_m_${'0'.repeat(40)}_QWRh`],
    ['an API key', 'slk_abcd1234_abcdefghabcdefghabcdefghabcdefgh'],
  ])('needs a room token, and has %s', async (_what, token) => {
    const answer = rig.ask(one, { ...(token !== undefined && { token }), body: { text: 'x' } });
    expect(await problem(answer)).toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  it('keeps bidi marks, emoji, 200 wide letters and newlines whole', async () => {
    const text = `\u202eabc\u2069 ${'\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'.repeat(10)}\n${'\uff37'.repeat(200)}`;
    const reader = await rig.read(one);
    expect((await send({ text })).status).toBe(201);
    expect((await reader.until(({ event }) => event === 'message')).at(-1)?.data.text).toBe(text);
    await rig.clock.advance(1000);
    expect((await send({ text: '\u{1F600}'.repeat(500) })).status).toBe(201);
  });

  it.each([
    ['a bell', { text: 'a\u0007b' }, /U\+0007/],
    ['a tab', { text: 'a\tb' }, /U\+0009/],
    ['a carriage return', { text: 'a\r\nb' }, /U\+000D/],
    ['a C1 control', { text: '\u0085' }, /U\+0085/],
    ['501 characters', { text: '\u{1F600}'.repeat(501) }, /got 501 characters, use at most 500/],
    ['blanks', { text: ' \n\u3000' }, /at least one/],
    ['nothing', { text: '' }, /at least one/],
    ['a number', { text: 5 }, /string/],
    ['another field', { text: 'x', html: '<b>' }, /html/],
    ['a wrong id', { text: 'x', id: 'a b' }, /A-Z/],
  ])('refuses %s, naming the field', async (_what, body, message) => {
    const { status, errors } = await problem(send(body));
    expect(status).toBe(422);
    expect(JSON.stringify(errors)).toMatch(message);
  });

  it.each([
    ['half a character', '{"text":"\\ud800"}', 400],
    ['no JSON', '{', 400],
    ['a list', '[]', 422],
    ['more than 64 KiB', JSON.stringify({ text: 'x', more: 'y'.repeat(70_000) }), 413],
  ])('refuses %s', async (_what, body, status) => {
    expect((await problem(send(body))).status).toBe(status);
  });

  it('writes no text and no token into the log', async () => {
    const token = rig.token('ann');
    await send({ text: 'a private matter', x: 'a private matter' }, token);
    await send({ text: 'a private matter' }, token);
    await send({ text: 'a private matter' }, `${token}x`);
    expect(rig.lines.join()).not.toMatch(/private matter/);
    expect(rig.lines.join()).not.toContain(token.slice(60));
  });
});

describe('pages of other hosts', () => {
  it('may read and send with a token in a header, and go on after an event', async () => {
    const headers = { Origin: 'https://show.example', 'Access-Control-Request-Method': 'POST' };
    const asked = new Request(`http://function/api/v1/streams/${STREAM_ID}/chat`, { method: 'OPTIONS', headers });
    const answer = await one.handler(asked);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    expect(answer.headers.get('access-control-allow-headers')).toMatch(/Authorization.*Last-Event-ID/);
  });
});

describe('floods', () => {
  it('of messages of one room are refused before they wait for each other', async () => {
    let changes = 0;
    const { change } = rig.deps.rooms;
    rig.deps.rooms.change = (...asked) => {
      changes += 1;
      return change(...asked);
    };
    const send = (n: number) => rig.ask(one, { token: rig.token(`s${n}`), body: { text: 'x' } });
    const statuses = (await Promise.all(Array.from({ length: 40 }, (_, n) => send(n)))).map(({ status }) => status);
    expect([statuses.filter((status) => status === 201).length, changes]).toEqual([10, 10]);
    expect(statuses.filter((status) => status === 429)).toHaveLength(30);
  });

  it('of messages of one room reach the store one after another, but for those whose senders have left', async () => {
    let running = 0;
    let most = 0;
    let changes = 0;
    const { change } = rig.deps.rooms;
    rig.deps.rooms.change = async (...asked) => {
      running += 1;
      changes += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      try {
        return await change(...asked);
      } finally {
        running -= 1;
      }
    };
    const leaving = new AbortController();
    const send = (n: number) => {
      const body = { text: `text ${n}` };
      return rig.ask(one, { token: rig.token(`s${n}`), body, ...(n === 5 && { signal: leaving.signal }) });
    };
    const sent = Array.from({ length: 8 }, (_, n) => send(n));
    leaving.abort();
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    expect([most, changes]).toEqual([1, 7]);
    expect(statuses.filter((status) => status === 201)).toHaveLength(7);
  });

  it('of connections stay within the bounds of an address and of the instance', async () => {
    for (let n = 0; n < 20; n += 1) await rig.read(one);
    expect(await problem(rig.ask(one))).toMatchObject({ status: 429, retryAfter: '30' });
    for (let n = 0; n < 30; n += 1) await rig.read(one, { address: `198.51.100.${n}` });
    expect(await problem(rig.ask(one, { address: '203.0.113.1' }))).toMatchObject({ status: 503, retryAfter: '2' });
    const sent = rig.ask(one, { token: rig.token('ann'), body: { text: 'still heard' }, address: '203.0.113.1' });
    expect((await sent).status).toBe(201);
  });

  it('of messages of one sender, and of requests of one address, are refused before the store is asked', async () => {
    let changes = 0;
    const { change } = rig.deps.rooms;
    rig.deps.rooms.change = (...asked) => {
      changes += 1;
      return change(...asked);
    };
    const send = () => rig.ask(one, { token: rig.token('ann'), body: { text: 'x' } });
    const statuses = (await Promise.all(Array.from({ length: 50 }, send))).map(({ status }) => status);
    expect([statuses.filter((status) => status === 201).length, changes]).toEqual([1, 5]);
    for (let n = 0; n < 250; n += 1) await rig.ask(one, { token: 'another', body: {} });
    expect(await problem(rig.ask(one))).toMatchObject({ status: 429, code: 'rate_limited' });
  });

  it('cut a reader that takes nothing, and nobody else', async () => {
    const quick = await rig.read(one);
    const slow = await rig.ask(one, {});
    expect(one.connections()).toBe(2);
    const text = '\u{1F600}'.repeat(500);
    for (let n = 0; n < 300 && one.connections() === 2; n += 1) {
      await rig.clock.advance(1000);
      await rig.ask(one, { token: rig.token('ann'), body: { text }, address: `10.0.0.${n % 200}` });
      await quick.next();
    }
    expect(one.connections()).toBe(1);
    await expect(slow.text()).rejects.toThrow('the reader is too slow');
  });
});
