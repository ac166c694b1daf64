import { updateLive } from '../../../../functions/app/delivery/update-live';
import { livePlaylistName, segmentName } from '../../../../functions/contract/objects/layout';
import { parseMediaPlaylist } from '../../../../functions/core/playlist/media-playlist';
import { BROADCAST, type DeliveryWorld, deliveryWorld, STREAM, sessionOf } from '../../../support/delivery';

const LIVE = livePlaylistName({ policy: 'open', streamId: STREAM, broadcastId: BROADCAST, rendition: 'source' });
const ref = (ordinal: number) => ({ streamId: STREAM, sessionId: sessionOf(ordinal), rendition: 'source' });
const twos = (count: number): number[] => new Array<number>(count).fill(2);

/** A world of two regions, in which the named objects have no bytes. */
function twoRegions(lost: Set<string>): DeliveryWorld {
  const world = deliveryWorld();
  const store = world.delivery('open');
  const read: typeof store.read = async (name) => {
    if (lost.has(name)) throw new Error(`object '${name}': 404, not copied yet`);
    return store.read(name);
  };
  return {
    ...world,
    delivery: () => ({ ...store, read }),
    bothRegions: {
      isReadable: async (_policy, name) => !lost.has(name) && (await world.open.stat(name)) !== undefined,
    },
  };
}

const textOf = async (world: DeliveryWorld): Promise<string> => (await world.open.read(LIVE))?.text ?? '';
const segment = (ordinal: number, number: number): string => segmentName({ ...ref(ordinal), policy: 'open', number });

describe('the live window after a region was lost', () => {
  it('passes over the segments that were not copied yet, and goes on with the new session', async () => {
    const lost = new Set<string>();
    const world = twoRegions(lost);
    await world.publish({ durations: twos(6) });
    await world.settled(updateLive(world, ref(1)));
    const before = parseMediaPlaylist(await textOf(world));
    for (const number of [4, 5]) lost.add(segment(1, number));
    await world.publish({ ordinal: 2, durations: [2] });
    expect(await world.settled(updateLive(world, ref(2)))).toBe('write');
    const after = parseMediaPlaylist(await textOf(world));
    expect(after.segments.map(({ gap }) => gap ?? false)).toEqual([false, false, false, false, true, true, false]);
    expect(after.segments.slice(0, 6).map(({ uri }) => uri)).toEqual(before.segments.map(({ uri }) => uri));
    expect(after.segments.at(-1)).toMatchObject({ uri: `/${segment(2, 0)}`, discontinuity: true });
    expect(world.log.lines).toContainEqual(
      expect.objectContaining({ event: 'segments_unreadable', fields: expect.objectContaining({ count: 2 }) }),
    );
  });

  it('looks at the window when a session joins, and leaves what can be read as it is', async () => {
    const world = twoRegions(new Set());
    let asked = 0;
    const isReadable = async (): Promise<boolean> => {
      asked += 1;
      return true;
    };
    const bothRegions = { isReadable };
    for (const [ordinal, count] of [
      [1, 6],
      [2, 1],
    ] as const) {
      await world.publish({ ordinal, durations: twos(count) });
      await world.settled(updateLive({ ...world, bothRegions }, ref(ordinal)));
    }
    // The write waits a second out and looks again.
    const onJoining = 2 * 6;
    expect(asked).toBe(onJoining);
    await world.publish({ ordinal: 2, durations: twos(3) });
    await world.settled(updateLive({ ...world, bothRegions }, ref(2)));
    expect(asked).toBe(onJoining);
    expect(await textOf(world)).not.toContain('EXT-X-GAP');
  });

  it('begins again, with the numbers that come next, where the playlist itself was not copied yet', async () => {
    const lost = new Set<string>();
    const world = twoRegions(lost);
    await world.publish({ durations: twos(6), breaks: [3] });
    await world.settled(updateLive(world, ref(1)));
    lost.add(LIVE);
    await world.publish({ ordinal: 2, durations: twos(2) });
    expect(await world.settled(updateLive(world, ref(2)))).toBe('write');
    const after = parseMediaPlaylist(await textOf(world));
    expect(after).toMatchObject({ mediaSequence: 6, discontinuitySequence: 1, targetDurationSeconds: 2 });
    expect(after.segments.map(({ uri, discontinuity }) => [uri, discontinuity])).toEqual([
      [`/${segment(2, 0)}`, true],
      [`/${segment(2, 1)}`, false],
    ]);
  });

  it('waits for the playlist of a session whose own region can only be slow', async () => {
    const lost = new Set<string>();
    const world = twoRegions(lost);
    await world.publish({ durations: twos(2) });
    await world.settled(updateLive(world, ref(1)));
    lost.add(LIVE);
    await expect(world.settled(updateLive(world, ref(1)))).rejects.toThrow('not copied yet');
  });

  it('is what it was, byte for byte and read for read, where there is one region', async () => {
    const world = deliveryWorld();
    for (const ordinal of [1, 2]) {
      await world.publish({ ordinal, durations: twos(2) });
      await world.settled(updateLive(world, ref(ordinal)));
    }
    expect(world.open.entry(LIVE)?.metadata).not.toHaveProperty('after');
    expect(await textOf(world)).not.toContain('EXT-X-GAP');
  });
});
