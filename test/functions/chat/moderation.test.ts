import type { ChatEntry } from '../../../functions/contract/chat/documents';
import { postMessage } from '../../../functions/core/chat/post';
import { verifyRoomToken } from '../../../functions/core/chat/room-token';
import { type ApiRig, apiRig, withDeps } from '../../support/api-rig';
import { KEYS } from '../../support/signing-keys';

let rig: ApiRig;
let id: string;

async function streamWithChat(headers?: Record<string, string>, chat: object = { enabled: true }): Promise<string> {
  const answer = await rig.ask('POST', '/streams', { ...(headers && { headers }), body: { title: 'one', chat } });
  return (await answer.json()).id;
}

async function tokenOf(wanted: object = {}): Promise<{ token: string; sender: string }> {
  const body = { subject: 'user-1', name: 'Ada', ...wanted };
  return (await rig.ask('POST', `/streams/${id}/chat/tokens`, { body })).json();
}

/** Every entry of the room, as a listener hears them. */
async function entries(): Promise<readonly ChatEntry[]> {
  return new Promise((resolve, reject) => {
    const stop = rig.deps.chat.rooms.listen(id, 1000, {
      heard(all) {
        stop();
        resolve(all);
      },
      failed: reject,
    });
  });
}

async function say(text: string, sender: string): Promise<void> {
  const settings = { enabled: true, slowSeconds: 0, retentionHours: 24 };
  const claims = { streamId: id, sender, name: 'Ada', role: 'viewer' as const, expires: 0 };
  const post = { claims, text, settings, nowMs: rig.deps.clock.now() };
  await rig.deps.chat.rooms.change(id, { sender }, (found) => postMessage(found, post));
}

beforeEach(async () => {
  rig = apiRig();
  id = await streamWithChat();
});

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

describe('the chat of a stream', () => {
  it('is off by default, and has defaults for what is not named', async () => {
    const plain = await (await rig.ask('POST', '/streams', { body: { title: 'one' } })).json();
    expect(plain.chat).toEqual({ enabled: false, slowSeconds: 0, retentionHours: 24 });
    expect(await rig.deps.streamStore.getStream(plain.id)).not.toHaveProperty('chat');
    const shown = await (await rig.ask('GET', `/streams/${id}`)).json();
    expect(shown.chat).toEqual({ enabled: true, slowSeconds: 0, retentionHours: 24 });
  });

  it('changes by the fields that are sent', async () => {
    const answer = await rig.ask('PATCH', `/streams/${id}`, { body: { chat: { retentionHours: 2 } } });
    expect((await answer.json()).chat).toEqual({ enabled: true, slowSeconds: 0, retentionHours: 2 });
  });

  it('is shown to the public while it is on', async () => {
    const seen = async () => (await rig.ask('GET', `/streams/${id}/public`, { headers: {} })).json();
    expect(await seen()).toMatchObject({ chat: true });
    await rig.ask('PATCH', `/streams/${id}`, { body: { chat: { enabled: false } } });
    await rig.deps.clock.advance(3000);
    expect(await seen()).not.toHaveProperty('chat');
  });

  it('is refused where the environment has none, naming the field', async () => {
    withDeps(rig, { chat: { ...rig.deps.chat, isOffered: false } });
    const answers = [
      await rig.ask('POST', '/streams', { body: { title: 'one', chat: { enabled: true } } }),
      await rig.ask('PATCH', `/streams/${id}`, { body: { chat: { enabled: true } } }),
    ];
    for (const answer of answers)
      expect(await answer.json()).toMatchObject({ status: 422, errors: [{ field: 'chat.enabled' }] });
    const room = await rig.ask('GET', `/streams/${id}/chat`, { headers: {} });
    expect(await room.json()).toMatchObject({ status: 409, code: 'chat_disabled' });
  });

  it.each([
    ['slowSeconds', -1],
    ['slowSeconds', 3601],
    ['slowSeconds', 1.5],
    ['retentionHours', 0],
    ['retentionHours', 721],
    ['enabled', 'yes'],
    ['wordFilter', true],
  ])('refuses %s of %j', async (field, value) => {
    const answer = await rig.ask('PATCH', `/streams/${id}`, { body: { chat: { [field]: value } } });
    expect(answer.status).toBe(422);
    expect(JSON.stringify((await answer.json()).errors)).toContain(field);
  });

  it('goes with its stream', async () => {
    await say('hello', 'senderof00000000');
    await rig.ask('DELETE', `/streams/${id}`);
    expect(await entries()).toEqual([]);
  });
});

describe('a room token', () => {
  it('is for one room, and the same sender for the same subject', async () => {
    const one = await tokenOf();
    const two = await tokenOf({ name: 'Ada L.', role: 'moderator' });
    const claims = verifyRoomToken(one.token, { keys: KEYS, nowMs: rig.deps.clock.now() });
    expect(claims).toMatchObject({ streamId: id, sender: one.sender, name: 'Ada', role: 'viewer' });
    expect(two.sender).toBe(one.sender);
    expect((await tokenOf({ subject: 'user-2' })).sender).not.toBe(one.sender);
    id = await streamWithChat();
    expect((await tokenOf()).sender).not.toBe(one.sender);
  });

  it('expires', async () => {
    const { token } = await tokenOf({ lifetimeSeconds: 60 });
    expect(verifyRoomToken(token, { keys: KEYS, nowMs: rig.deps.clock.now() + 60_000 })).toBeUndefined();
  });

  it.each([
    ['of another stream', (token: string) => token.replace(/_[a-z0-9]{16}_/, '_zzzzzzzzzzzzzzzz_')],
    ['of another sender', (token: string) => token.replace(/_[a-z0-9]{16}_([0-9])/, '_zzzzzzzzzzzzzzzz_$1')],
    ['of another role', (token: string) => token.replace('_v_', '_m_')],
    ['of another time', (token: string) => token.replace(/_[0-9]{10}_/, '_9999999999_')],
    ['of another name', (token: string) => token.replace(/_[\w-]+$/, `_${'b'.repeat(8)}`)],
    ['without a name', (token: string) => token.replace(/_[\w-]+$/, '_')],
  ])('is forged when it is %s', async (_of, forge) => {
    const { token } = await tokenOf();
    const forged = forge(token);
    expect(forged).not.toBe(token);
    expect(verifyRoomToken(forged, { keys: KEYS, nowMs: rig.deps.clock.now() })).toBeUndefined();
  });

  it('carries bidi marks and 40 wide letters, and no control character', async () => {
    const name = `\u202e${'\u{1F600}'.repeat(38)}\u202c`;
    const { token } = await tokenOf({ name });
    expect(verifyRoomToken(token, { keys: KEYS, nowMs: rig.deps.clock.now() })).toMatchObject({ name });
    for (const bad of ['a\nb', 'a\u0000', '\u0085', ' ', 'x'.repeat(41)]) {
      const answer = await rig.ask('POST', `/streams/${id}/chat/tokens`, { body: { subject: 's', name: bad } });
      expect(await answer.json()).toMatchObject({ status: 422, errors: [{ field: 'name' }] });
    }
  });

  it('is made for the owner of the stream, and nobody else', async () => {
    const ann = await rig.caller({ role: 'publisher', subject: 'ann' });
    const bob = await rig.caller({ role: 'publisher', subject: 'bob' });
    id = await streamWithChat(ann);
    const ask = (headers: Record<string, string>) =>
      rig.ask('POST', `/streams/${id}/chat/tokens`, { headers, body: { subject: 's', name: 'n' } });
    expect([(await ask(ann)).status, (await ask(bob)).status]).toEqual([201, 404]);
  });

  it('comes with a grant that names its viewer, is as short, and is renewed with it', async () => {
    const gated = { title: 'one', policy: 'gated', chat: { enabled: true } };
    id = (await (await rig.ask('POST', '/streams', { body: gated })).json()).id;
    const body = { viewer: 'user-1', chatName: 'Ada', lifetimeSeconds: 60 };
    const grant = await (await rig.ask('POST', `/streams/${id}/grants`, { body })).json();
    const claims = (token: string) => verifyRoomToken(token, { keys: KEYS, nowMs: rig.deps.clock.now() });
    const { sender } = await tokenOf();
    expect(claims(grant.chatToken)).toMatchObject({ streamId: id, sender, name: 'Ada', role: 'viewer' });
    await rig.deps.clock.advance(30_000);
    const renewal = await rig.ask('POST', `/streams/${id}/grants/${grant.id}/renewal`, {
      headers: bearer(grant.renewalToken),
    });
    await rig.deps.clock.advance(31_000);
    expect(claims(grant.chatToken)).toBeUndefined();
    expect(claims((await renewal.json()).chatToken)).toMatchObject({ sender });
    const silent = await (await rig.ask('POST', `/streams/${id}/grants`, { body: {} })).json();
    expect(silent).not.toHaveProperty('chatToken');
  });

  it('comes with no grant of a caller who may not make room tokens: a viewer could write as anybody', async () => {
    const gated = { title: 'one', policy: 'gated', chat: { enabled: true } };
    id = (await (await rig.ask('POST', '/streams', { body: gated })).json()).id;
    const headers = await rig.caller({ role: 'viewer', subject: 'ann', streams: [id] });
    const ask = (body: object) => rig.ask('POST', `/streams/${id}/grants`, { headers, body });
    const refused = await ask({ viewer: 'user-1', chatName: 'Ada' });
    expect(await refused.json()).toMatchObject({ status: 403, detail: expect.stringContaining('chat_tokens.create') });
    expect((await ask({ viewer: 'user-1' })).status).toBe(201);
  });

  it('stands in no line of the log', async () => {
    const { token } = await tokenOf({ role: 'moderator' });
    await rig.ask('GET', `/streams/${id}?q=${token}`, { headers: bearer(token) });
    await rig.ask('GET', `/${token}`, { headers: bearer(token) });
    expect(rig.lines.join()).not.toContain(token.split('_')[5]);
  });
});

describe('moderation', () => {
  it('takes the text out of a message once, and tells readers by an entry', async () => {
    await say('hello', 'senderof00000000');
    for (let times = 0; times < 2; times += 1)
      expect((await rig.ask('DELETE', `/streams/${id}/chat/messages/1`)).status).toBe(204);
    expect(await entries()).toEqual([
      expect.not.objectContaining({ text: 'hello' }),
      expect.objectContaining({ number: 2, kind: 'deletion', of: 1 }),
    ]);
    expect((await rig.ask('DELETE', `/streams/${id}/chat/messages/2`)).status).toBe(404);
  });

  it('mutes and bans a sender until that is over, or removed', async () => {
    const { sender } = await tokenOf();
    const at = `/streams/${id}/chat/restrictions`;
    const mute = await rig.ask('PUT', `${at}/${sender}`, { body: { kind: 'mute', seconds: 60 } });
    expect(await mute.json()).toMatchObject({ sender, kind: 'mute', by: 'operator', until: expect.any(String) });
    await expect(say('hello', sender)).rejects.toMatchObject({ code: 'chat_restricted', retryAfterSeconds: 60 });
    await rig.deps.clock.advance(60_000);
    await say('hello', sender);
    expect(await (await rig.ask('GET', at)).json()).toEqual({ restrictions: [] });
    await rig.ask('PUT', `${at}/${sender}`, { body: { kind: 'ban' } });
    expect(await (await rig.ask('GET', at)).json()).toMatchObject({
      restrictions: [{ sender, kind: 'ban', name: 'Ada' }],
    });
    await rig.deps.clock.advance(86_400_000 * 365);
    await expect(say('again', sender)).rejects.toMatchObject({ code: 'chat_restricted' });
    expect((await rig.ask('DELETE', `${at}/${sender}`)).status).toBe(204);
    await say('again', sender);
    expect((await rig.ask('DELETE', `${at}/${sender}`)).status).toBe(404);
  });

  it('lists restrictions by pages', async () => {
    for (const sender of ['a', 'b', 'c'].map((letter) => letter.repeat(16)))
      await rig.ask('PUT', `/streams/${id}/chat/restrictions/${sender}`, { body: { kind: 'ban' } });
    const first = await (await rig.ask('GET', `/streams/${id}/chat/restrictions?limit=2`)).json();
    const cursor = `limit=2&cursor=${first.nextCursor}`;
    const second = await (await rig.ask('GET', `/streams/${id}/chat/restrictions?${cursor}`)).json();
    expect([first.restrictions.length, second.restrictions.length, second.nextCursor]).toEqual([2, 1, undefined]);
  });

  it('tells readers of slow mode, whichever way it was changed', async () => {
    const answer = await rig.ask('PUT', `/streams/${id}/chat/slow-mode`, { body: { slowSeconds: 30 } });
    expect(await answer.json()).toEqual({ enabled: true, slowSeconds: 30, retentionHours: 24 });
    await rig.ask('PATCH', `/streams/${id}`, { body: { chat: { slowSeconds: 5 } } });
    await rig.ask('PATCH', `/streams/${id}`, { body: { title: 'other' } });
    expect((await entries()).map((entry) => entry.kind === 'slow_mode' && entry.slowSeconds)).toEqual([30, 5]);
  });

  it('is done with a moderator’s room token, in that room only, and nothing else is', async () => {
    const { token } = await tokenOf({ role: 'moderator' });
    const viewer = await tokenOf({ subject: 'user-2' });
    await say('hello', viewer.sender);
    const other = await streamWithChat();
    const ask = async (path: string, headers = bearer(token)) => (await rig.ask('DELETE', path, { headers })).status;
    expect(await ask(`/streams/${id}/chat/messages/1`, bearer(viewer.token))).toBe(403);
    expect(await ask(`/streams/${other}/chat/messages/1`)).toBe(404);
    expect(await ask(`/streams/${id}`)).toBe(403);
    expect((await rig.ask('GET', '/streams', { headers: bearer(token) })).status).toBe(403);
    expect(await ask(`/streams/${id}/chat/messages/1`)).toBe(204);
    await rig.deps.clock.advance(3_600_000);
    expect(await ask(`/streams/${id}/chat/messages/1`)).toBe(401);
  });

  it.each(['mute', 'ban'])('is over for a moderator under a %s, who cannot end it either', async (kind) => {
    const { token, sender } = await tokenOf({ role: 'moderator' });
    await say('hello', 'senderof00000000');
    await rig.ask('PUT', `/streams/${id}/chat/restrictions/${sender}`, { body: { kind } });
    const orders: [string, string, object?][] = [
      ['DELETE', `restrictions/${sender}`],
      ['PUT', 'restrictions/senderof00000000', { kind: 'ban' }],
      ['GET', 'restrictions'],
      ['PUT', 'slow-mode', { slowSeconds: 5 }],
      ['DELETE', 'messages/1'],
    ];
    for (const [method, path, body] of orders) {
      const headers = bearer(token);
      const answer = await rig.ask(method, `/streams/${id}/chat/${path}`, { headers, ...(body && { body }) });
      expect(await answer.json()).toMatchObject({ status: 403, code: 'chat_restricted' });
    }
    expect((await rig.ask('DELETE', `/streams/${id}/chat/restrictions/${sender}`)).status).toBe(204);
    expect((await rig.ask('DELETE', `/streams/${id}/chat/messages/1`, { headers: bearer(token) })).status).toBe(204);
  });
});
