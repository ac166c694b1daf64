import { finishBroadcast, mergeSession } from '../../../../functions/app/delivery/finish-broadcast';
import { takeDown } from '../../../../functions/app/delivery/take-down';
import { updateLive } from '../../../../functions/app/delivery/update-live';
import { livePlaylistName, recordingName, segmentPrefix } from '../../../../functions/contract/objects/layout';
import { parseMediaPlaylist } from '../../../../functions/core/playlist/media-playlist';
import {
  BROADCAST,
  type DeliveryWorld,
  deliveryWorld,
  type SessionShape,
  START_MS,
  STREAM,
  sessionOf,
} from '../../../support/delivery';
import { broadcastOf, sessionOf as storedSession, streamOf } from '../../../support/streams';

const at = { policy: 'open', streamId: STREAM, broadcastId: BROADCAST, rendition: 'source' } as const;
const ROLES = { 1: 'primary', 2: 'backup', 3: 'backup' } as const;
type Ordinal = keyof typeof ROLES;
const ref = (ordinal: Ordinal) => ({ streamId: STREAM, sessionId: sessionOf(ordinal), rendition: 'source' });

/** A node uploads up to this many segments of two seconds, and its event is handled. */
async function tell(world: DeliveryWorld, ordinal: Ordinal, count: number, more: Partial<SessionShape> = {}) {
  const role = { role: ROLES[ordinal], ...(ordinal > 1 && { backupOf: sessionOf(1) }) };
  const shape = { ordinal, startMs: START_MS, durations: new Array<number>(count).fill(2), ...more };
  await world.publish({ ...shape, metadata: { ...role, ...more.metadata } });
  return world.settled(updateLive(world, ref(ordinal)));
}
const later = (world: DeliveryWorld, ms: number) => world.settled(world.clock.sleep(ms));

const shown = (world: DeliveryWorld, name: string): string[] =>
  parseMediaPlaylist(world.open.entry(name)?.content.toString() ?? '').segments.map(({ uri, discontinuity }) => {
    const [session = '', , file] = uri.split('/').slice(-3);
    return `${discontinuity ? '| ' : ''}${session[0]}/${file}`;
  });
const LIVE = livePlaylistName(at);

/** Both publish; the primary is heard of for the last time with its fourth segment. */
async function changedWorld(): Promise<DeliveryWorld> {
  const world = deliveryWorld();
  await tell(world, 1, 4);
  expect(await tell(world, 2, 4)).toBe('standby');
  await later(world, 2000);
  expect(await tell(world, 2, 5)).toBe('standby');
  await later(world, 2500);
  expect(await tell(world, 2, 6)).toBe('write');
  return world;
}
const CHANGED = ['1/0.ts', '1/1.ts', '1/2.ts', '1/3.ts', '| 2/4.ts', '2/5.ts'];

describe('delivery with hot backup', () => {
  it('changes over once the primary is silent for two segments, and tells the log', async () => {
    const world = await changedWorld();
    expect(shown(world, LIVE)).toEqual(CHANGED);
    expect(world.log.lines.filter(({ event }) => event === 'delivery_changed_over')).toEqual([
      { level: 'warn', event: 'delivery_changed_over', fields: { ...ref(2), fromSessionId: sessionOf(1) } },
    ]);
  });

  it('brings in what the primary uploaded after its last event', async () => {
    const world = deliveryWorld();
    await tell(world, 1, 3);
    await later(world, 2000);
    await world.publish({ startMs: START_MS, durations: [2, 2, 2, 2], metadata: { role: 'primary' } });
    await later(world, 4500);
    await tell(world, 2, 6);
    expect(shown(world, LIVE)).toEqual(CHANGED);
  });

  it('stays with the backup when the primary comes back, and has the next one when that dies too', async () => {
    const world = await changedWorld();
    expect(await tell(world, 1, 9)).toBe('superseded');
    await later(world, 4500);
    await tell(world, 3, 9);
    expect(shown(world, LIVE).slice(4)).toEqual(['| 2/4.ts', '2/5.ts', '| 3/6.ts', '3/7.ts', '3/8.ts']);
  });

  it('leaves a primary that goes on to itself when the reconciler merges', async () => {
    const world = deliveryWorld();
    await tell(world, 1, 4);
    await tell(world, 2, 4);
    await world.settled(mergeSession(world, { streamId: STREAM, sessionId: sessionOf(2) }));
    expect(shown(world, LIVE)).toEqual(CHANGED.slice(0, 4));
  });
});

describe('the recording of a broadcast with hot backup', () => {
  const finish = async (world: DeliveryWorld, ordinals: readonly Ordinal[], withRoles = true) => {
    const sessions = ordinals.map((ordinal) => ({
      id: sessionOf(ordinal),
      ...(withRoles && { role: ROLES[ordinal] }),
    }));
    const stream = { id: STREAM, policy: 'open', recording: true } as const;
    await world.settled(finishBroadcast(world, { stream, broadcastId: BROADCAST, sessions }));
  };
  const kept = async (world: DeliveryWorld, ordinal: Ordinal) =>
    (await world.open.list(segmentPrefix({ ...at, sessionId: sessionOf(ordinal) }))).map(({ name }) => name.slice(-4));

  it('is what viewers saw, and nobody keeps the rest', async () => {
    const world = await changedWorld();
    await tell(world, 1, 6);
    await finish(world, [1, 2]);
    expect(shown(world, recordingName(at))).toEqual(CHANGED);
    expect(await kept(world, 1)).toEqual(['0.ts', '1.ts', '2.ts', '3.ts']);
    expect(await kept(world, 2)).toEqual(['4.ts', '5.ts']);
  });

  it('has nothing of a backup that was never on air', async () => {
    const world = deliveryWorld();
    await tell(world, 1, 4);
    await tell(world, 2, 4);
    await finish(world, [1, 2]);
    expect(shown(world, recordingName(at))).toEqual(['1/0.ts', '1/1.ts', '1/2.ts', '1/3.ts']);
    expect(await kept(world, 2)).toEqual([]);
  });

  it('has what viewers saw of a second session whose node is too old to stand by', async () => {
    const world = deliveryWorld();
    await tell(world, 1, 4);
    const asBefore = { metadata: { role: undefined, backupOf: undefined } };
    expect(await tell(world, 2, 4, asBefore)).toBe('write');
    await finish(world, [1, 2]);
    expect(await kept(world, 2)).toEqual(['0.ts', '1.ts', '2.ts', '3.ts']);
  });

  it('has the tail of the backup when the last events of both were lost', async () => {
    const world = deliveryWorld();
    await tell(world, 1, 4);
    await world.publish({
      ordinal: 2,
      startMs: START_MS,
      durations: [2, 2, 2, 2, 2, 2],
      metadata: { role: 'backup', backupOf: sessionOf(1) },
    });
    await finish(world, [1, 2]);
    expect(shown(world, recordingName(at))).toEqual(CHANGED);
  });

  it('begins with the backup where the primary had nothing in time', async () => {
    const world = deliveryWorld();
    await tell(world, 2, 4);
    await tell(world, 1, 2);
    await finish(world, [1, 2]);
    expect(shown(world, recordingName(at))).toEqual(['2/0.ts', '2/1.ts', '2/2.ts', '2/3.ts']);
    expect(await kept(world, 1)).toEqual([]);
  });
});

describe('a suspension of a stream with hot backup', () => {
  const stream = streamOf({
    id: STREAM,
    hotBackup: true,
    unfinished: [broadcastOf({ id: BROADCAST, streamId: STREAM })],
  });
  const session = (ordinal: Ordinal) =>
    storedSession(ordinal, { id: sessionOf(ordinal), streamId: STREAM, broadcastId: BROADCAST, role: ROLES[ordinal] });

  const suspend = async (world: DeliveryWorld): Promise<string[]> => {
    const kept: string[] = [];
    const deps = {
      ...world,
      streamStore: {
        listSessions: async () => [session(1), session(2)],
        listBroadcasts: async () => stream.unfinished,
      },
      move: async (from: { name: string }) => {
        kept.push(
          from.name
            .split('/')
            .slice(-3)
            .join('/')
            .replace(/-aaaaaaaa.source/, ''),
        );
        return true;
      },
      forget: async () => undefined,
    };
    await world.settled(takeDown(stream, 'hold', deps));
    return kept.sort();
  };

  it('keeps what viewers saw for the recording, once', async () => {
    const world = await changedWorld();
    await tell(world, 1, 6);
    expect(await suspend(world)).toEqual(['1/0.ts', '1/1.ts', '1/2.ts', '1/3.ts', '2/4.ts', '2/5.ts']);
  });

  it('keeps what viewers saw of a second session whose node is too old to stand by', async () => {
    const world = deliveryWorld();
    await tell(world, 1, 2);
    await tell(world, 2, 2, { metadata: { role: undefined, backupOf: undefined } });
    expect(await suspend(world)).toEqual(['1/0.ts', '1/1.ts', '2/0.ts', '2/1.ts']);
  });

  it('keeps everything where no live playlist tells what that was', async () => {
    const world = await changedWorld();
    await world.open.remove(LIVE);
    expect(await suspend(world)).toHaveLength(10);
  });
});
