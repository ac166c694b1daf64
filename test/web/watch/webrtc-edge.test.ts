import type { WayToPlay } from '../../../functions/contract/api/playback';
import { WebRtcEdge } from '../../../web/watch/players/webrtc-edge';

const PATH = '/api/v1/streams/abcdefgh01234567/whep';
const open = (edge?: string): WayToPlay => ({
  way: 'webrtc',
  open: true,
  latencySeconds: 0.3,
  ...(edge !== undefined && { edge }),
  url: `http://host${PATH}${edge === undefined ? '' : `?edge=${edge}`}`,
});
const NOT_LIVE: WayToPlay = { way: 'webrtc', open: false, code: 'not_live', reason: 'nobody publishes it' };

/** The word of the API at each moment, and how often it was asked. */
function rig(first?: WayToPlay) {
  const world = { now: 0, way: first, asked: 0, edges: [] as (string | undefined)[] };
  const find = async (edge?: string) => {
    world.asked += 1;
    world.edges.push(edge);
    return world.way;
  };
  return { world, place: new WebRtcEdge({ find, now: () => world.now, random: () => 0 }) };
}

/** Looks every 250 ms, as the page does; true once the picture should begin elsewhere. */
async function looks({ world, place }: ReturnType<typeof rig>, ms: number): Promise<boolean> {
  for (const until = world.now + ms; world.now < until; world.now += 250) if (await place.isElsewhere()) return true;
  return false;
}

describe('the place that plays by WebRTC', () => {
  it('is what the API names, with the edge', async () => {
    expect(await rig(open('0a1b2c3d')).place.choose()).toEqual({ path: `${PATH}?edge=0a1b2c3d` });
    expect(await rig(open()).place.choose()).toEqual({ path: PATH });
  });

  it('is the ordinary one when the API does not answer, and the reason is told when the way is closed', async () => {
    expect(await rig().place.choose()).toEqual({});
    expect(await rig(NOT_LIVE).place.choose()).toEqual({ closed: NOT_LIVE });
  });

  it('is left for the origin within a second after the API named it, when the edge’s picture stands', async () => {
    const own = rig(open('0a1b2c3d'));
    await own.place.choose();
    expect(await looks(own, 2000)).toBe(false);
    own.world.way = open();
    expect(await looks(own, 1250)).toBe(true);
    const { asked } = own.world;
    expect(await own.place.choose()).toEqual({ path: PATH });
    expect(own.world.asked).toBe(asked);
  });

  it('is left for another edge', async () => {
    const own = rig(open('0a1b2c3d'));
    await own.place.choose();
    own.world.way = open('4e5f6a7b');
    expect(await looks(own, 250)).toBe(true);
    expect(await own.place.choose()).toEqual({ path: `${PATH}?edge=4e5f6a7b` });
  });

  it('stays while the API names the same edge, nobody publishes, or the API is silent', async () => {
    for (const way of [open('0a1b2c3d'), NOT_LIVE, undefined]) {
      const own = rig(open('0a1b2c3d'));
      await own.place.choose();
      own.world.way = way;
      expect(await looks(own, 10_000)).toBe(false);
    }
  });

  it('is asked for with the edge that plays, which the API names again while it has the stream', async () => {
    const own = rig(open('0a1b2c3d'));
    await own.place.choose();
    await looks(own, 1000);
    expect(new Set(own.world.edges)).toEqual(new Set([undefined, '0a1b2c3d']));
  });

  it('is asked for every 5 s only while nobody publishes: the edge is not why the picture stands', async () => {
    const own = rig(open('0a1b2c3d'));
    await own.place.choose();
    own.world.way = NOT_LIVE;
    const { asked } = own.world;
    await looks(own, 4750);
    expect(own.world.asked - asked).toBe(1);
    await looks(own, 10_000);
    expect(own.world.asked - asked).toBe(3);
  });

  it('is chosen again when the picture moved after the API had named it', async () => {
    const own = rig(open('0a1b2c3d'));
    await own.place.choose();
    own.world.way = open('4e5f6a7b');
    expect(await looks(own, 250)).toBe(true);
    own.place.carries();
    own.world.way = open();
    expect(await own.place.choose()).toEqual({ path: PATH });
  });

  it('is not asked for by a viewer who has no edge', async () => {
    const own = rig(open());
    await own.place.choose();
    await looks(own, 60_000);
    expect(own.world.asked).toBe(1);
  });

  it('is asked for once a second at first, then every 5 s, and once a second after it moved', async () => {
    const own = rig(open('0a1b2c3d'));
    await own.place.choose();
    const asks = async (ms: number) => {
      const before = own.world.asked;
      await looks(own, ms);
      return own.world.asked - before;
    };
    expect(await asks(4250)).toBe(5);
    expect(await asks(15_000)).toBe(3);
    own.place.carries();
    expect(await asks(4250)).toBe(5);
  });
});
