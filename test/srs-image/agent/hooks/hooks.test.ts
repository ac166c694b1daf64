import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { offerOf } from '../../../support/network/sdp';
import { API, KEY, Rig, STREAM } from '../rig';

const Captured = z.object({ source: z.string(), body: z.string() });
const Body = z.record(z.string(), z.unknown());
const captured = readFileSync(join(__dirname, '../../../fixtures/srs/hooks.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => Captured.parse(JSON.parse(line)))
  .map(({ source, body }) => ({ source, body, fields: Body.parse(JSON.parse(body)) }))
  .filter(({ fields }) => /^on_(connect|close|publish|unpublish|play|stop|hls)$/.test(`${fields.action}`));

const OTHER = 'otherother012345';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.dispose());

describe('hooks as captured from SRS 5 and 6', () => {
  it('are all understood', async () => {
    for (const { body, fields } of captured) {
      expect([body, (await rig.post(`/srs/${fields.action}`, body)).status]).toEqual([body, 200]);
    }
    expect(captured.length).toBeGreaterThan(50);
  });

  it('let nobody publish under the names they had', async () => {
    const publishes = captured.filter(({ fields }) => fields.action === 'on_publish');
    for (const { body } of publishes)
      expect(await rig.post('/srs/on_publish', body)).toMatchObject({ body: { code: 1 } });
    expect(rig.agent.sessions.all()).toEqual([]);
  });
});

describe('a body that is not a hook', () => {
  it.each([
    ['no JSON', 'on_publish', '{"action":', 'body: use JSON'],
    ['no object', 'on_publish', '[]', 'body:'],
    ['an unknown action', 'on_dvr', '{"action":"on_dvr"}', 'action:'],
    ['a missing field', 'on_close', '{"action":"on_close","server_id":"n"}', 'service_id:'],
    [
      'another action than the path',
      'on_hls',
      '{"action":"on_close","server_id":"n","service_id":"s","client_id":"c","ip":"","vhost":"","app":"","send_bytes":1,"recv_bytes":1}',
      "action 'on_close'",
    ],
  ])('answers 400 to %s, naming the field', async (_what, action, body, message) => {
    expect(await rig.post(`/srs/${action}`, body)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining(message) },
    });
    expect(rig.events('request_refused')).toHaveLength(1);
  });

  it.each([
    ['client_id', 7],
    ['stream', null],
    ['param', 'x'.repeat(3000)],
    ['app', ['live']],
  ])('answers 400 to a publish with a wrong %s, and changes nothing', async (field, value) => {
    expect(await rig.hook('on_publish', { [field]: value })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining(`${field}: `) },
    });
    expect(rig.agent.sessions.all()).toEqual([]);
    expect(rig.cloud.heard).toEqual([]);
  });

  it('answers 404 to another path', async () => {
    expect(await rig.post('/other', '{}')).toMatchObject({ status: 404 });
    expect(await rig.get('/other', API)).toMatchObject({ status: 404 });
  });
});

describe('on_hls', () => {
  it('of a client that was not admitted is answered and ignored', async () => {
    await rig.publish('client1');
    await rig.run(2000);
    expect(await rig.onHls(rig.srs.segment(), 'stranger')).toMatchObject({ status: 200, body: { code: 0 } });
    expect(rig.agent.sessions.pendingBytes).toBe(0);
    expect(rig.events('segment_ignored')).toHaveLength(1);
  });

  it('of a session that just ended is no cause for alarm: its last segment was taken at its end', async () => {
    await rig.publish('client1');
    const first = await rig.segment('client1');
    await rig.run(2000);
    const last = rig.srs.segment();
    await rig.unpublish('client1');
    expect(await rig.onHls(last, 'client1')).toMatchObject({ status: 200, body: { code: 0 } });
    await rig.run(2000);
    expect(rig.uploaded('1-aaaaaaaa')).toEqual([first.name, last.name]);
    expect(rig.events('segment_ignored')).toEqual([]);
  });

  it('of a session that just ended is no cause for alarm under the id of another client either', async () => {
    await rig.publish('client1');
    await rig.segment('client1');
    await rig.run(2000);
    const last = rig.srs.segment();
    await rig.unpublish('client1');
    await rig.onHls(last, 'nobodys1');
    await rig.run(2000);
    expect(rig.uploaded('1-aaaaaaaa')).toContain(last.name);
    expect(rig.events('segment_ignored')).toEqual([]);
    await rig.onHls(rig.srs.segment(), 'nobodys1');
    expect(rig.events('segment_ignored')).toHaveLength(1);
  });

  const offer = () => {
    const body = { kind: 'publish', streamId: STREAM, secret: KEY, address: '198.51.100.9', sdp: offerOf() };
    return rig.call('POST', '/rtc/offer', { caller: API, body: JSON.stringify(body) });
  };
  const kept = () => rig.agent.sessions.all().map(({ ref, state }) => [ref.streamId, state.kept.length]);

  it('of a browser is taken at once under the id of any other client', async () => {
    await rig.publish('client1', { stream: OTHER });
    await offer();
    for (const teller of ['client1', 'nobodys1']) await rig.segment(teller);
    expect(kept()).toEqual([
      [OTHER, 0],
      [STREAM, 2],
    ]);
    expect(rig.events('segment_ignored')).toEqual([]);
  });

  it('of an earlier publisher does not come again in the session of the browser that follows', async () => {
    await rig.publish('client1');
    await rig.segment('client1');
    const last = rig.srs.segment();
    await rig.unpublish('client1');
    await offer();
    for (const teller of ['client1', 'media1', 'nobodys1']) await rig.onHls(last, teller);
    expect(kept()).toEqual([
      [STREAM, 2],
      [STREAM, 0],
    ]);
    expect(rig.events('segment_ignored')).toEqual([]);
  });

  it('that comes twice is taken once', async () => {
    await rig.publish();
    const segment = await rig.segment();
    await rig.onHls(segment);
    await rig.run(2000);
    expect(rig.uploaded('1-aaaaaaaa')).toEqual([segment.name]);
  });

  it('has its duration from the playlist, which has three decimals', async () => {
    await rig.publish();
    await rig.segment('client1', { durationMs: 2023 });
    await rig.run(1000);
    expect((await rig.playlist('1-aaaaaaaa'))?.playlist.segments[0]?.durationMs).toBe(2023);
  });

  it('has its duration from the hook where no playlist lists it', async () => {
    await rig.publish();
    await rig.segment('client1', { durationMs: 2023, listed: false });
    await rig.run(1000);
    expect((await rig.playlist('1-aaaaaaaa'))?.playlist.segments[0]?.durationMs).toBe(2020);
  });

  it('with a jump in seq_no is a discontinuity', async () => {
    await rig.publish();
    await rig.segment('client1', { seqNo: 0 });
    await rig.segment('client1', { seqNo: 2 });
    await rig.segment('client1', { seqNo: 0 });
    await rig.run(2000);
    expect((await rig.playlist('1-aaaaaaaa'))?.playlist.segments.map(({ discontinuity }) => discontinuity)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('of a segment SRS has removed already is logged, and the next one is a discontinuity', async () => {
    await rig.publish();
    await rig.segment();
    await rig.run(2000);
    const gone = rig.srs.segment();
    rig.srs.remove(gone);
    expect(await rig.onHls(gone)).toMatchObject({ status: 200 });
    await rig.segment();
    await rig.run(2000);
    expect(rig.events('segment_lost')).toHaveLength(1);
    expect((await rig.playlist('1-aaaaaaaa'))?.playlist.segments.map(({ discontinuity }) => discontinuity)).toEqual([
      false,
      true,
    ]);
  });

  it('of another stream than its client publishes is ignored', async () => {
    await rig.publish();
    await rig.run(2000);
    const segment = rig.srs.segment({ stream: 'zzzzzzzzzz012345' });
    await rig.onHls(segment);
    expect(rig.agent.sessions.pendingBytes).toBe(0);
  });

  it('refuses a file outside the folder of the stream, however it is spelled', async () => {
    await rig.publish();
    await rig.run(2000);
    const segment = rig.srs.segment();
    const other = rig.srs.segment({ stream: 'zzzzzzzzzz012345' });
    const secret = join(rig.root, '1795200000000-0.ts');
    writeFileSync(secret, 'secret');
    symlinkSync(secret, join(rig.hlsRoot, 'live', STREAM, '1795200000001-1.ts'));
    const files = [
      '/etc/passwd',
      secret,
      join(rig.hlsRoot, 'live', STREAM, '1795200000001-1.ts'),
      `${rig.hlsRoot}/live/${STREAM}/../../../1795200000000-0.ts`,
      other.path,
      `${rig.hlsRoot}/live/${STREAM}/live.m3u8`,
      `${segment.path}.tmp`,
      '1795200000000-0.ts',
      `${rig.hlsRoot}/live/${STREAM}/1795200000001-1.ts\0`,
    ];
    for (const file of files) {
      expect([file, await rig.onHls(segment, 'client1', file)]).toMatchObject([
        file,
        { status: 400, body: { message: expect.stringMatching(/^file '/) } },
      ]);
    }
    expect(rig.agent.sessions.pendingBytes).toBe(0);
    await rig.unpublish();
    await rig.run(3000);
    expect(rig.uploaded('1-aaaaaaaa')).toEqual([segment.name]);
  });
});
