import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HeartbeatSender } from '../../../../srs-image/agent/cloud/heartbeat-sender';
import { Outbox } from '../../../../srs-image/agent/cloud/outbox';
import { Counters } from '../../../../srs-image/agent/metrics/counters';
import type { Spool } from '../../../../srs-image/agent/session/ports';
import { virtualClock } from '../../../support/virtual-clock';
import { Rig, STREAM } from '../rig';

const OTHER = 'zzzzzzzzzz012345';

let rig: Rig;
afterEach(() => rig?.dispose());

async function twoPublishers(options: ConstructorParameters<typeof Rig>[0] = {}): Promise<void> {
  rig = new Rig(options);
  await rig.publish('odd');
  await rig.publish('good', { stream: OTHER });
  await rig.run(1000);
}
const openClients = () => rig.agent.sessions.open().map(({ state }) => state.client.clientId);
const sessionsOfLast = () => rig.cloud.heartbeats().at(-1)?.sessions;

describe('a heartbeat', () => {
  const beatWith = async (media: unknown) => {
    const counters = new Counters();
    const odd = rig.agent.sessions.ofClient('odd');
    const heartbeatSender = new HeartbeatSender({
      nodeId: 'node-1',
      role: 'origin',
      hooks: rig.cloud.hooks,
      srs: rig.srs.api,
      counters,
      sessions: rig.agent.sessions,
      serviceId: () => 's',
      isDraining: () => false,
      drain: () => undefined,
      endPlays: async () => 0,
      isCut: () => false,
      renditionsOf: () => undefined,
      healthOf: () => undefined,
      edges: { node: () => ({}), session: () => ({}), push: () => undefined, endPush: () => undefined },
      log: {
        info: () => undefined,
        warn: (event, fields) => void told.push({ event, ...fields }),
        error: () => undefined,
      },
      mediaOf: (session) => {
        if (session === odd && media === undefined) throw new Error('unreadable');
        return session === odd ? JSON.parse(JSON.stringify(media)) : undefined;
      },
    });
    for (let beats = 0; beats < 3; beats += 1) await heartbeatSender.beat();
    return counters;
  };
  let told: Record<string, unknown>[];
  beforeEach(async () => {
    told = [];
    await twoPublishers();
  });

  it.each([
    ['has a frame rate of 0', { video: { codec: 'H264', framesPerSecond: 0 }, segmentSeconds: 2 }],
    ['has a frame rate beyond every number', { video: { codec: 'H264', framesPerSecond: 1e300 }, segmentSeconds: 2 }],
    ['is no report', 'H264'],
    ['cannot be made', undefined],
  ])('goes though one report of media %s: that is left out, logged once and counted', async (_what, media) => {
    const counters = await beatWith(media);
    expect(sessionsOfLast()).toMatchObject([
      { streamId: STREAM, publishing: true },
      { streamId: OTHER, publishing: true },
    ]);
    expect(JSON.stringify(sessionsOfLast())).not.toContain('media');
    expect(told).toMatchObject([{ event: 'session_report_left_out', streamId: STREAM, part: 'media' }]);
    expect(counters.reportsLeftOut).toBe(3);
  });

  it('has its other commands obeyed when one cannot be read and one cannot be done', async () => {
    rig.srs.api.kick = async (clientId) => {
      if (clientId === 'odd') throw new Error('SRS answered with 500');
      rig.srs.left(clientId);
    };
    const kick = (streamId: string, sessionId: string) => ({ kind: 'kick', streamId, sessionId, reason: 'stopped' });
    rig.cloud.commands = [{ kind: 'dance' }, kick(STREAM, '1-aaaaaaaa'), kick(OTHER, '2-aaaaaaaa')];
    await rig.run(4000);
    expect(rig.events('kick_failed')).not.toEqual([]);
    expect(rig.srs.streams.filter(({ active }) => active).map(({ clientId }) => clientId)).toEqual(['odd']);
  });

  it('goes on while a connection it is to end never goes', async () => {
    rig.srs.api.kick = () => new Promise<never>(() => undefined);
    rig.cloud.commands = [{ kind: 'kick', streamId: STREAM, sessionId: '1-aaaaaaaa', reason: 'stopped' }];
    await rig.run(20_000);
    const before = rig.cloud.heartbeats().length;
    await rig.run(20_000);
    expect(rig.cloud.heartbeats().length).toBeGreaterThan(before + 5);
  });
});

describe('a fault in one session', () => {
  const fails = (): never => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  };
  let broken = false;
  const oddSpool = (disk: Spool): Spool => ({
    ...disk,
    append: (ref, record) => (broken && ref.streamId === STREAM ? fails() : disk.append(ref, record)),
    replace: (ref, state) => (broken && ref.streamId === STREAM ? fails() : disk.replace(ref, state)),
    link: (ref, index, path) => (broken && ref.streamId === STREAM ? fails() : disk.link(ref, index, path)),
    remove: (ref) => (broken && ref.streamId === STREAM ? fails() : disk.remove(ref)),
  });
  beforeEach(async () => {
    broken = false;
    await twoPublishers({ spool: oddSpool });
  });

  it('has its publisher ended even when its journal cannot be written', async () => {
    await rig.run(2000);
    broken = true;
    const clientId = rig.agent.sessions.ofStream(STREAM)[0]?.state.client.clientId ?? '';
    rig.cloud.commands = [{ kind: 'kick', streamId: STREAM, sessionId: '1-aaaaaaaa', reason: 'stopped' }];
    await rig.run(8000);
    expect(rig.srs.kicked).toContain(clientId);
    expect(rig.events('one_failed').map(({ fields }) => fields?.what)).toContain('final');
  });

  it('keeps no other’s segments from being found in the folder', async () => {
    await rig.run(2000);
    rig.srs.segment({ stream: STREAM });
    rig.srs.segment({ stream: OTHER, seqNo: 0 });
    broken = true;
    await rig.run(6000);
    expect(rig.agent.sessions.ofClient('good')?.state.nextIndex).toBe(1);
    expect(rig.events('one_failed')).toMatchObject([{ fields: { what: 'folder', streamId: STREAM } }]);
  });

  it('keeps no other from being ended when SRS is gone', async () => {
    broken = true;
    rig.srs.up = false;
    await rig.run(6000);
    expect(openClients()).toEqual(['odd']);
  });

  it('keeps no other from being ended when its connection is gone, and it ends itself once it can', async () => {
    broken = true;
    await rig.run(10_000);
    rig.srs.left('odd');
    rig.srs.left('good');
    await rig.run(6000);
    expect(openClients()).toEqual(['odd']);
    broken = false;
    await rig.run(3000);
    expect(openClients()).toEqual([]);
  });

  it('keeps the agent from starting for nobody: a journal that cannot be read stays where it is', async () => {
    const journal = join(rig.spoolRoot, STREAM, '1-aaaaaaaa', 'journal.jsonl');
    await rig.crash();
    rmSync(journal);
    mkdirSync(journal);
    rig.restart();
    await rig.run(1000);
    expect(openClients()).toEqual(['good']);
    expect(rig.events('session_unreadable')).toMatchObject([{ fields: { streamId: STREAM } }]);
  });

  it('keeps no other stranger from being ended', async () => {
    rig.srs.publishing('stranger1', 'aaaaaaaaaa000001');
    rig.srs.publishing('stranger2', 'aaaaaaaaaa000002');
    const kicked: string[] = [];
    rig.srs.api.kick = async (clientId) => {
      kicked.push(clientId);
      if (clientId === 'stranger1') throw new Error('SRS answered with 500');
      rig.srs.left(clientId);
    };
    await rig.run(4000);
    expect(kicked).toContain('stranger2');
  });
});

describe('the outbox', () => {
  it('holds up nobody for one whose messages fail or never settle', async () => {
    const clock = virtualClock(0);
    const outbox = new Outbox({ clock, log: { info: () => undefined, warn: () => undefined, error: () => undefined } });
    const stop = new AbortController();
    const heardAt: number[] = [];
    void outbox.run(stop.signal);
    for (let n = 0; n < 5; n += 1) {
      outbox.add({ name: `bad ${n}`, party: 'odd', send: async () => false });
      outbox.add({ name: `stuck ${n}`, party: 'stuck', send: () => new Promise<never>(() => undefined) });
    }
    for (let n = 0; n < 3; n += 1) {
      const send = async () => {
        heardAt.push(clock.now());
        return true;
      };
      outbox.add({ name: `good ${n}`, party: 'good', send });
    }
    await clock.run(60_000);
    expect(heardAt).toEqual([0, 0, 0]);
    stop.abort();
  });

  it('gives up the oldest of anyone who has most when it is full', async () => {
    const clock = virtualClock(0);
    const dropped: unknown[] = [];
    const log = {
      info: () => undefined,
      warn: () => undefined,
      error: (_: string, fields = {}) => void dropped.push(fields),
    };
    const outbox = new Outbox({ clock, log });
    outbox.add({ name: 'good', party: 'good', send: async () => true });
    for (let n = 0; n < 20_000; n += 1) outbox.add({ name: `odd ${n}`, party: 'odd', send: async () => false });
    expect(outbox.size).toBe(10_000);
    expect(JSON.stringify(dropped)).not.toContain('good');
  });
});
