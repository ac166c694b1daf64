import { Readable } from 'node:stream';
import type { FlvTag } from '../../../../../functions/core/low-latency/flv';
import type { EdgeConnection, EdgeTarget } from '../../../../../srs-image/agent/runtime/ports';
import { flvBytes } from '../../../../support/rtmp/flv-bytes';
import { Rig, STREAM } from '../../rig';

/** An origin with an edge: what the edge's gate gets, and when it gets it no longer. */
interface Got {
  target: EdgeTarget;
  tags: FlvTag[];
  isClosed: boolean;
  /** The edge ends the connection. */
  end: (reason: string) => void;
}

let rig: Rig;
let got: Got[];
let refuses: boolean;
/** SRS's HTTP-FLV: a test writes to it. */
let feeds: Readable[];

const gates = {
  publish: async (target: EdgeTarget): Promise<EdgeConnection> => {
    if (refuses) throw new Error('the edge did not let it in: connect ECONNREFUSED');
    let end: Got['end'] = () => undefined;
    const ended = new Promise<string>((resolve) => {
      end = resolve;
    });
    const one: Got = { target, tags: [], isClosed: false, end };
    target.signal.addEventListener('abort', () => end('aborted'));
    got.push(one);
    return {
      ended,
      send: (tags) => void one.tags.push(...tags),
      close: () => {
        one.isClosed = true;
        end('closed');
      },
    };
  },
};

beforeEach(() => {
  got = [];
  feeds = [];
  refuses = false;
  rig = new Rig({ edgeGates: gates });
  rig.cloud.grant = { edges: 1 };
  rig.srs.media = () => {
    const feed = new Readable({ read: () => undefined });
    feeds.push(feed);
    return feed;
  };
});
afterEach(() => rig.dispose());

const order = (more: Record<string, unknown> = {}) => ({
  kind: 'push',
  streamId: STREAM,
  sessionId: '1-aaaaaaaa',
  edgeId: 'edge-1',
  to: { host: '10.0.0.9', port: 1935 },
  token: `sle_${'a'.repeat(32)}`,
  ...more,
});
const lastBeat = () => rig.cloud.heartbeats().at(-1);
const pushed = () => lastBeat()?.pushes;
const PUSH = { streamId: STREAM, sessionId: '1-aaaaaaaa', edgeId: 'edge-1' };

async function pushing(): Promise<Got> {
  rig.cloud.commands = [order()];
  await rig.publish();
  await rig.run(3000);
  rig.cloud.commands = [];
  const [first] = got;
  if (first === undefined) throw new Error('nothing was pushed');
  return first;
}

describe('an origin that is told to push a session to an edge', () => {
  it('names edges only once both tracks are there, and asks for orders at once', async () => {
    await rig.publish();
    rig.srs.streams = rig.srs.streams.map((stream) => ({
      ...stream,
      media: { video: { codec: 'H264', width: 1, height: 1 } },
    }));
    await rig.run(2500);
    expect(lastBeat()).not.toHaveProperty('sessions.0.edges');
    rig.srs.publishing('client1');
    const before = rig.cloud.heartbeats().length;
    await rig.run(1300);
    expect(rig.cloud.heartbeats().length).toBeGreaterThan(before);
    expect(lastBeat()).toMatchObject({ sessions: [{ edges: 1, viewers: 0 }] });
  });

  it('takes a track that does not come within 2 s for one that never comes', async () => {
    await rig.publish();
    rig.srs.streams = rig.srs.streams.map((stream) => ({
      ...stream,
      media: { audio: { codec: 'AAC', profile: 'LC' } },
    }));
    await rig.run(5000);
    expect(lastBeat()).toMatchObject({ sessions: [{ edges: 1 }] });
  });

  it('names none for a session without edges, and without a way to edges', async () => {
    rig.cloud.grant = {};
    await rig.publish();
    await rig.run(5000);
    expect(lastBeat()).not.toHaveProperty('sessions.0.edges');
    expect(lastBeat()).not.toHaveProperty('pushes');
  });

  it('hands the edge what SRS plays, tag by tag, and repeats no configuration that is known', async () => {
    const edge = await pushing();
    expect(edge.target).toMatchObject({
      host: '10.0.0.9',
      port: 1935,
      streamId: STREAM,
      token: `sle_${'a'.repeat(32)}`,
    });
    const config = { kind: 'video', timeMs: 0, body: new Uint8Array([0x17, 0, 0, 0, 0, 1]) } as const;
    const picture = { kind: 'video', timeMs: 40, body: new Uint8Array([0x17, 1, 0, 0, 0, 9]) } as const;
    feeds[0]?.push(flvBytes([config, picture, { ...config, timeMs: 80 }, { ...picture, timeMs: 0x1000000 }]));
    await rig.run(100);
    expect(edge.tags).toEqual([config, picture, { ...picture, timeMs: 0x1000000 }]);
    await rig.run(2000);
    expect(pushed()).toEqual([PUSH]);
  });

  it('pushes once, however often it is told', async () => {
    await pushing();
    rig.cloud.commands = [order(), order({ token: `sle_${'b'.repeat(32)}` })];
    await rig.run(5000);
    expect(got).toHaveLength(1);
  });

  it('shows no edge a token that has grown old while SRS played nothing, and pushes by the next order', async () => {
    const { media } = rig.srs;
    rig.srs.media = async (signal) => {
      await rig.clock.sleep(16_000);
      return media(signal);
    };
    rig.cloud.commands = [order()];
    await rig.publish();
    await rig.run(3000);
    rig.cloud.commands = [];
    await rig.run(17_000);
    expect(got).toHaveLength(0);
    expect(rig.events('push_ended')).toMatchObject([
      { severity: 'warn', fields: { reason: expect.stringContaining('SRS') } },
    ]);
    const token = `sle_${'b'.repeat(32)}`;
    rig.srs.media = media;
    rig.cloud.commands = [order({ token })];
    await rig.run(2500);
    expect(got.map(({ target }) => target.token)).toEqual([token]);
  });

  it('has a publisher kicked whose media SRS gives to nobody, as a viewer who waits for it has', async () => {
    rig.srs.media = async () => {
      await rig.clock.sleep(20_000);
      throw new Error('SRS sent nothing for 20 s');
    };
    rig.cloud.commands = [order()];
    await rig.publish();
    for (let segment = 0; segment < 14; segment += 1) await rig.segment();
    expect(rig.srs.kicked).toEqual(['client1']);
  });

  it('ends the copy at once with the publisher', async () => {
    const edge = await pushing();
    await rig.unpublish();
    await rig.run(300);
    expect(edge.isClosed).toBe(true);
    await rig.run(2100);
    expect(lastBeat()).not.toHaveProperty('pushes');
    expect(rig.events('push_ended')).toMatchObject([{ severity: 'info' }]);
  });

  it('ends the copy when SRS ends its HTTP-FLV', async () => {
    const edge = await pushing();
    feeds[0]?.push(null);
    await rig.run(100);
    expect(edge.isClosed).toBe(true);
  });

  it('says at once that an edge is gone, and pushes again with another token', async () => {
    const edge = await pushing();
    await rig.run(3000);
    const before = rig.cloud.heartbeats().length;
    const token = `sle_${'b'.repeat(32)}`;
    edge.end('read ECONNRESET');
    await rig.run(10);
    expect(rig.cloud.heartbeats()).toHaveLength(before + 1);
    expect(lastBeat()).not.toHaveProperty('pushes');
    expect(feeds[0]?.destroyed).toBe(true);
    rig.cloud.commands = [order({ token })];
    await rig.run(2500);
    expect(got.map(({ target }) => target.token)).toEqual([edge.target.token, token]);
  });

  it('asks an edge that lets nobody in once for each heartbeat', async () => {
    refuses = true;
    rig.cloud.commands = [order()];
    await rig.publish();
    await rig.run(20_000);
    const beats = rig.cloud.heartbeats().length;
    expect(beats).toBeLessThan(14);
    expect(rig.events('push_ended').length).toBeLessThanOrEqual(beats);
    expect(rig.events('push_ended')[0]).toMatchObject({ severity: 'warn' });
  });

  it('ends a copy by order, and leaves those on other edges', async () => {
    rig.cloud.commands = [order(), order({ edgeId: 'edge-2', token: `sle_${'b'.repeat(32)}` })];
    await rig.publish();
    await rig.run(3000);
    rig.cloud.commands = [{ kind: 'end_push', streamId: STREAM, edgeId: 'edge-1' }];
    await rig.run(2100);
    expect(got.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    await rig.run(2100);
    expect(pushed()).toEqual([{ ...PUSH, edgeId: 'edge-2' }]);
  });

  it('leaves an order for a session that is over, and writes no token into its log', async () => {
    rig.cloud.commands = [order({ sessionId: '9-aaaaaaaa' })];
    await rig.publish();
    await rig.run(5000);
    expect(got).toEqual([]);
    await pushing();
    expect(JSON.stringify(rig.log)).not.toContain('sle_');
  });
});
