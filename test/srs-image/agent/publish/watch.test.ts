import { Rig, STREAM } from '../rig';

let rig: Rig;
beforeEach(async () => {
  rig = new Rig();
  await rig.run(1500);
});
afterEach(() => rig.dispose());

describe('looking at SRS', () => {
  it('ends a session whose client SRS no longer has', async () => {
    await rig.publish();
    await rig.segment();
    rig.srs.left('client1');
    await rig.run(8000);
    expect(rig.agent.sessions.open()).toEqual([]);
    expect(rig.cloud.clients('on_unpublish')).toEqual(['client1']);
  });

  it('waits a little for SRS to list a client it was just told to let in', async () => {
    await rig.hook('on_publish');
    await rig.run(3000);
    expect(rig.agent.sessions.open()).toHaveLength(1);
    await rig.run(6000);
    expect(rig.agent.sessions.open()).toEqual([]);
  });

  it('ends every session when SRS has restarted, by the first hook of the new one', async () => {
    await rig.publish();
    rig.srs.serviceId = 'service2';
    rig.srs.streams = [];
    await rig.hook('on_publish', { stream: 'zzzzzzzzzz012345' }, 'client2');
    expect(rig.agent.sessions.ofClient('client1')).toBeUndefined();
    await rig.run(3000);
    expect(rig.cloud.clients('on_unpublish')).toEqual(['client1']);
  });

  it('takes a late hook of the run before for what it is, however often SRS has started', async () => {
    const sawRun = async (run: number) => rig.hook('on_close', {}, `of-run-${run}`);
    for (let run = 2; run <= 300; run += 1) {
      rig.srs.serviceId = `service${run}`;
      await sawRun(run);
    }
    await rig.publish();
    rig.srs.serviceId = 'service299';
    await sawRun(299);
    rig.srs.serviceId = 'service300';
    await rig.run(3000);
    expect(rig.agent.sessions.ofClient('client1')?.open).toBe(true);
  });

  it('ends every session a few seconds after SRS stopped to answer, with what it had written', async () => {
    await rig.publish();
    await rig.segment();
    const last = rig.srs.segment();
    rig.srs.up = false;
    await rig.run(6000);
    expect(rig.uploaded('1-aaaaaaaa')).toContain(last.name);
    expect(rig.cloud.clients('on_unpublish')).toEqual(['client1']);
    expect(await rig.get('/healthz')).toMatchObject({ status: 503 });
  });

  it('ends no session of an SRS that is late with its API and tells of its segments', async () => {
    rig.dispose();
    let isLate = false;
    const never = new Promise<never>(() => undefined);
    rig = new Rig({ srs: (api) => ({ ...api, streams: () => (isLate ? never : api.streams()) }) });
    await rig.publish();
    isLate = true;
    for (let segment = 0; segment < 20; segment += 1) await rig.segment();
    expect(rig.agent.sessions.open()).toHaveLength(1);
    expect(await rig.get('/healthz')).toMatchObject({ status: 503 });
    isLate = false;
    await rig.run(6000);
    expect(await rig.get('/healthz')).toMatchObject({ status: 200 });
    expect([rig.srs.kicked, rig.events('srs_down')]).toEqual([[], []]);
    isLate = true;
    await rig.run(20_000);
    expect(rig.agent.sessions.open()).toEqual([]);
    expect(rig.events('srs_down')).toHaveLength(1);
  });

  it('does not believe one failed look', async () => {
    await rig.publish();
    rig.srs.up = false;
    await rig.run(1500);
    rig.srs.up = true;
    await rig.run(5000);
    expect(rig.agent.sessions.open()).toHaveLength(1);
  });

  it('kicks a publisher nobody admitted', async () => {
    rig.srs.publishing('stranger');
    await rig.run(3000);
    expect(rig.srs.kicked).toContain('stranger');
  });

  it('finds segments no hook told of while the publisher goes on', async () => {
    await rig.publish();
    await rig.segment();
    await rig.run(2000);
    const missed = rig.srs.segment();
    await rig.run(6000);
    expect(rig.uploaded('1-aaaaaaaa')).toContain(missed.name);
  });

  it('takes nothing of an earlier publish that SRS still has in the folder', async () => {
    await rig.publish('client1');
    await rig.segment('client1');
    await rig.unpublish('client1');
    await rig.run(2000);
    await rig.publish('client2');
    await rig.run(12_000);
    const own = await rig.segment('client2');
    await rig.unpublish('client2');
    await rig.run(3000);
    expect(rig.uploaded('2-aaaaaaaa')).toEqual([own.name]);
  });
});

describe('the heartbeat', () => {
  it('names the node, its sessions and what they wait for', async () => {
    await rig.publish();
    await rig.segment();
    await rig.run(3000);
    expect(rig.cloud.heartbeats().at(-1)).toEqual({
      nodeId: 'node-1',
      reach: { agentUrl: 'http://10.0.0.2:8086' },
      serviceId: 'service1',
      role: 'origin',
      draining: false,
      spoolBytes: 0,
      sessions: [
        {
          streamId: STREAM,
          sessionId: '1-aaaaaaaa',
          publishing: true,
          pendingSegments: 0,
          peakBitrateBps: 4000,
          health: expect.objectContaining({ lostSegments: 0, uploadLagSeconds: 0 }),
        },
      ],
    });
  });

  it('is silent before SRS has been seen', async () => {
    await rig.crash();
    rig.srs.up = false;
    rig.restart();
    const before = rig.cloud.heartbeats().length;
    await rig.run(6000);
    expect(rig.cloud.heartbeats()).toHaveLength(before);
  });

  it('is answered with a kick: the publisher goes', async () => {
    await rig.publish();
    rig.cloud.commands = [{ kind: 'kick', streamId: STREAM, sessionId: '1-aaaaaaaa', reason: 'superseded' }];
    await rig.run(3000);
    expect(rig.srs.kicked).toContain('client1');
  });

  it('is answered with a kick of a session that is not here: nobody goes', async () => {
    await rig.publish();
    rig.cloud.commands = [{ kind: 'kick', streamId: STREAM, sessionId: '7-bbbbbbbb', reason: 'superseded' }];
    await rig.run(3000);
    expect(rig.srs.kicked).toEqual([]);
  });

  it('is answered with a drain: no new publisher, and the load balancer hears of it', async () => {
    await rig.publish();
    expect(await rig.get('/healthz')).toMatchObject({ status: 200 });
    rig.cloud.commands = [{ kind: 'drain' }];
    await rig.run(3000);
    expect(await rig.publish('client2', { stream: 'zzzzzzzzzz012345' })).toMatchObject({
      body: { code: 1, error: 'draining' },
    });
    expect(await rig.get('/healthz')).toMatchObject({ status: 503 });
    expect(rig.agent.sessions.open()).toHaveLength(1);
  });
});

describe('shutting down', () => {
  const shutDown = async (): Promise<boolean> => {
    const done = rig.agent.shutDown();
    await rig.run(30_000);
    return done;
  };

  it('uploads everything and says that the session ended, once SRS is gone', async () => {
    await rig.publish();
    await rig.segment();
    const last = rig.srs.segment();
    rig.srs.up = false;
    expect(await shutDown()).toBe(true);
    expect(rig.uploaded('1-aaaaaaaa')).toContain(last.name);
    expect((await rig.playlist('1-aaaaaaaa'))?.metadata.ended).toBe('true');
    expect(rig.cloud.clients('on_unpublish')).toEqual(['client1']);
    expect(rig.cloud.heartbeats().at(-1)).toMatchObject({ draining: true, sessions: [] });
  });

  it('ends publishers that SRS keeps', async () => {
    await rig.publish();
    expect(await shutDown()).toBe(true);
    expect(rig.srs.kicked).toEqual(['client1']);
  });

  it('leaves the rest in the spool when the store stays away, for the next start', async () => {
    rig.dispose();
    let away = true;
    rig = new Rig({
      through: (store) => ({
        ...store,
        write: async (name, content, options) => {
          if (away) throw new Error('503');
          return store.write(name, content, options);
        },
      }),
    });
    await rig.publish();
    const segment = await rig.segment();
    expect(await shutDown()).toBe(false);
    away = false;
    rig.restart();
    await rig.run(10_000);
    expect(rig.uploaded('1-aaaaaaaa')).toEqual([segment.name]);
  });
});
