import { eventingStreamStore } from '../../../functions/app/events/eventing-stream-store';
import { decideHook } from '../../../functions/app/publish/hooks';
import { takeHeartbeat } from '../../../functions/app/publish/take-heartbeat';
import type { PlatformEvent } from '../../../functions/contract/events';
import type { Heartbeat } from '../../../functions/contract/hooks/srs';
import { type ApiRig, apiRig, withDeps } from '../../support/api-rig';
import { heartbeatOf, KEY, nodeOf, reported, STREAM_ID, streamOf } from '../../support/streams';

/** Commands of the API are applied to publishers by their node. */
let rig: ApiRig;
const order = async (what: string, body: unknown = {}, headers = {}) => {
  const answer = await rig.ask('POST', `/streams/${STREAM_ID}/${what}`, { body, headers: { ...headers, ...ADMIN } });
  expect(answer.status).toBe(200);
  return answer.json();
};
const ADMIN = { Authorization: 'Bearer admin-key-of-at-least-32-characters' };
const change = (body: unknown) => rig.ask('PATCH', `/streams/${STREAM_ID}`, { body });
const show = async () => (await rig.ask('GET', `/streams/${STREAM_ID}`)).json();

let clients = 0;
const publish = (key = KEY, more = {}) => {
  clients += 1;
  const names = {
    server_id: 'node-1',
    service_id: 'service-1',
    client_id: `client-${clients}`,
    vhost: '',
    app: 'live',
  };
  const hook = {
    action: 'on_publish' as const,
    ...names,
    ip: '192.0.2.7',
    tcUrl: 'rtmp://x/live',
    stream: STREAM_ID,
    param: `?key=${key}`,
  };
  return decideHook({ ...hook, ...more }, rig.deps);
};

async function beat(more: Partial<Heartbeat['sessions'][number]> = {}) {
  const session = (await rig.deps.streamStore.getStream(STREAM_ID))?.session;
  const sessions = session === undefined ? [] : [reported(session, more)];
  return (await takeHeartbeat(heartbeatOf({ sessions }), rig.deps)).commands;
}

beforeEach(async () => {
  rig = apiRig();
  await rig.deps.streamStore.createStream(streamOf());
  await rig.deps.streamStore.changeNode('node-1', () => ({
    node: nodeOf({ heartbeatAt: rig.deps.clock.now() }),
    result: 0,
  }));
});

const kicked = (reason: string) => [expect.objectContaining({ kind: 'kick', streamId: STREAM_ID, reason })];

describe('a new key', () => {
  it('is good at once, and the one before for its grace; then its session is cut at the next heartbeat', async () => {
    await publish();
    const { key, previousKeyUntil } = await order('key', { graceSeconds: 60 });
    expect(previousKeyUntil).toBe('2026-11-20T10:01:00.000Z');
    expect(await beat()).toEqual([]);
    await rig.deps.clock.advance(59_000);
    expect(await beat()).toEqual([]);
    expect((await show()).status).toBe('live');
    await rig.deps.clock.advance(1000);
    expect(await beat()).toEqual(kicked('key_expired'));
    expect((await show()).session).toMatchObject({ endReason: 'key_expired' });
    expect(await publish()).toMatchObject({ error: 'wrong_key' });
    expect(await publish(key)).toMatchObject({ code: 0 });
  });

  it('cuts at once without a grace', async () => {
    await publish();
    await order('key', { graceSeconds: 0 });
    expect(await beat()).toEqual(kicked('key_expired'));
  });

  it('is shown in its own answer only, and kept as a hash', async () => {
    const { key, ingest } = await order('key');
    expect(ingest.rtmp.streamKey).toBe(`${STREAM_ID}?key=${key}`);
    expect(JSON.stringify([await show(), await rig.deps.streamStore.getStream(STREAM_ID), rig.lines])).not.toContain(
      key,
    );
  });
});

describe('an end', () => {
  it('kicks the publisher and is over for viewers; the encoder may begin another broadcast', async () => {
    await publish();
    expect((await order('stop')).status).toBe('ended');
    expect(await beat()).toEqual(kicked('stopped'));
    expect(await publish()).toMatchObject({
      code: 0,
      session: { ordinal: 2, broadcastId: expect.stringMatching(/^b2-/) },
    });
  });

  it('is one, however often it is asked for', async () => {
    await order('stop');
    expect((await show()).status).toBe('idle');
  });
});

describe('a suspension', () => {
  it('kicks the publisher and takes none until it is lifted', async () => {
    await publish();
    expect(await order('suspend', { reason: 'abuse' })).toMatchObject({
      status: 'ended',
      suspended: { reason: 'abuse' },
    });
    const plays = { kind: 'end_plays', streamId: STREAM_ID, reason: 'take_down' };
    expect(await beat()).toEqual([...kicked('suspended'), plays]);
    expect(await publish()).toMatchObject({ error: 'suspended' });
    expect(await order('resume')).not.toHaveProperty('suspended');
    expect(await publish()).toMatchObject({ code: 0 });
  });

  it('is told to anyone who wants to know, once', async () => {
    const told: string[] = [];
    withDeps(rig, { bus: { publish: async ({ type }) => void told.push(type) } });
    await order('suspend');
    await order('suspend');
    expect(told).toEqual(['stream.suspended']);
    await rig.ask('POST', '/streams', { body: { title: 't' } });
    expect(told).toEqual(['stream.suspended', 'stream.created']);
  });
});

describe('a cap', () => {
  it('on duration ends the broadcast in time, and moves when it is changed', async () => {
    await change({ maxDurationSeconds: 60 });
    await publish();
    await change({ maxDurationSeconds: 120 });
    await rig.deps.clock.advance(61_000);
    expect(await beat()).toEqual([]);
    await change({ maxDurationSeconds: 60 });
    expect(await beat()).toEqual(kicked('duration_cap'));
    expect(await publish()).toMatchObject({ error: 'duration_cap' });
  });

  it('on bitrate ends a session whose peak is above it', async () => {
    await change({ maxBitrateBps: 1_000_000 });
    await publish();
    await beat({ peakBitrateBps: 900_000 });
    expect(await beat({ peakBitrateBps: 1_000_000 })).toEqual([]);
    await beat({ peakBitrateBps: 1_200_000 });
    expect(await beat({ peakBitrateBps: 1_200_000 })).toEqual(kicked('bitrate_cap'));
    expect(await publish()).toMatchObject({ error: 'bitrate_cap' });
    await rig.deps.clock.advance(30_000);
    expect(await publish()).toMatchObject({ code: 0 });
  });
});

describe('renditions that a node does not make', () => {
  const made = { name: '480p', state: 'made' as const };
  const shed = { name: '480p', state: 'shed' as const, reason: 'too_slow' as const };
  const told: PlatformEvent[] = [];
  beforeEach(async () => {
    told.length = 0;
    await publish();
    const bus = { publish: async (event: PlatformEvent) => void told.push(event) };
    withDeps(rig, { streamStore: eventingStreamStore(rig.deps.streamStore, { ...rig.deps, bus }) });
  });

  it('are shown while they are shed, and told to webhooks when they go and when they come back', async () => {
    for (const renditions of [[made], [shed], [shed], [made], [made]]) await beat({ renditions });
    expect(told).toMatchObject([
      { type: 'stream.renditions.changed', data: { renditions: [shed] } },
      { type: 'stream.renditions.changed', data: { renditions: [made] } },
    ]);
    await beat({ renditions: [shed] });
    expect((await show()).renditions).toEqual([shed]);
  });

  it('are no news when a session begins with all of them', async () => {
    await beat({ renditions: [made] });
    await beat({ renditions: [made] });
    expect(told).toEqual([]);
    expect((await show()).renditions).toEqual([made]);
  });
});

describe('a clock that is wrong', () => {
  const wrong = (more = {}) => ({ media: { segmentSeconds: 2, clock: 'clock_floods' as const }, ...more });

  it('is shown to the one who configures the encoder, and told to webhooks at its begin and end', async () => {
    const told: PlatformEvent[] = [];
    const bus = { publish: async (event: PlatformEvent) => void told.push(event) };
    await publish();
    withDeps(rig, { streamStore: eventingStreamStore(rig.deps.streamStore, { ...rig.deps, bus }) });
    await beat(wrong());
    await beat();
    await beat({ media: { segmentSeconds: 2 } });
    await beat({ media: { segmentSeconds: 2 } });
    await rig.deps.clock.advance(5000);
    await beat(wrong());
    const ofClock = { type: 'stream.warning', data: { code: 'clock_floods' } };
    expect(told).toMatchObject([
      { ...ofClock, data: { state: 'begun' } },
      { ...ofClock, data: { state: 'over' } },
      { ...ofClock, data: { state: 'begun' } },
    ]);
    expect(new Set(told.map(({ id }) => id)).size).toBe(3);
    expect((await show()).warnings).toMatchObject([{ code: 'clock_floods', setting: expect.stringContaining('-re') }]);
  });

  it('is why a session ended, though SRS said before that its publisher left', async () => {
    await publish();
    await rig.deps.streamStore.changeStream(STREAM_ID, (stream) => {
      if (stream?.session === undefined) return { result: undefined };
      const session = { ...stream.session, endedAt: rig.deps.clock.now(), endReason: 'unpublished' as const };
      return { change: { stream: { ...stream, session }, sessions: [session] }, result: undefined };
    });
    await beat(wrong({ cut: 'media_clock', publishing: false }));
    expect(await publish()).toMatchObject({ error: 'media_clock' });
  });

  it('ends a session the node has cut, and keeps its publisher out for 30 s', async () => {
    await publish();
    await beat(wrong({ cut: 'media_clock' }));
    expect((await show()).session).toMatchObject({ endReason: 'media_clock' });
    expect(await publish()).toMatchObject({ error: 'media_clock', message: expect.stringContaining('30 s') });
    await rig.deps.clock.advance(30_000);
    expect(await publish()).toMatchObject({ code: 0 });
  });
});

describe('a list of addresses', () => {
  beforeEach(() => change({ publisherAddresses: ['192.0.2.0/24'] }));

  it.each([
    ['an address of the list', {}, { code: 0 }],
    ['another address', { ip: '198.51.100.1' }, { error: 'address_not_allowed' }],
    ['RTMPS from an address of the list', { tcUrl: 'rtmps://x/live' }, { code: 0 }],
    ['an address only the gate knows', { ip: '127.64.0.9' }, { error: 'address_not_allowed' }],
    ['an address of the proxy', { ip: '35.191.1.1' }, { error: 'address_not_allowed' }],
  ])('%s', async (_name, more, outcome) => {
    expect(await publish(KEY, more)).toMatchObject(outcome);
  });

  it('offers RTMPS, whose address the gate tells', async () => {
    const rtmps = { server: 'rtmps://rtmps.live.example.com/live' };
    const listed = await (await change({ title: 'listed' })).json();
    expect(listed).toMatchObject({ publisherAddresses: ['192.0.2.0/24'], ingest: { rtmp: {}, rtmps } });
  });

  it('can be taken back', async () => {
    expect(await (await change({ publisherAddresses: null })).json()).not.toHaveProperty('publisherAddresses');
    expect(await publish(KEY, { ip: '198.51.100.1' })).toMatchObject({ code: 0 });
  });
});

describe('settings', () => {
  it('come back as they were sent, and change their tag', async () => {
    const settings = {
      title: 'new',
      recording: false,
      dvrWindowSeconds: 3600,
      reconnectWindowSeconds: 0,
      metadata: { room: '12' },
      allowedOrigins: ['https://show.example'],
      maxBitrateBps: 5_000_000,
      maxDurationSeconds: 3600,
    };
    const answer = await change(settings);
    expect(await answer.json()).toMatchObject(settings);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(await show()).toMatchObject(settings);
  });

  it('hold from the next broadcast where media is at stake', async () => {
    await publish();
    await change({ recording: false });
    expect(await publish()).toMatchObject({ session: { ordinal: 2, recording: true } });
    await order('stop');
    expect(await publish()).toMatchObject({ session: { ordinal: 3, recording: false } });
  });
});

describe('a node', () => {
  it('is told to drain', async () => {
    const answer = await rig.ask('POST', '/nodes/node-1/drain');
    expect(await answer.json()).toMatchObject({ id: 'node-1', state: 'draining' });
    expect(await beat()).toEqual([{ kind: 'drain' }]);
  });

  it('is lost when nothing is heard of it', async () => {
    await rig.deps.clock.advance(21_000);
    expect(await (await rig.ask('GET', '/nodes')).json()).toMatchObject({
      nodes: [{ id: 'node-1', state: 'lost', publishing: 0 }],
    });
  });
});
