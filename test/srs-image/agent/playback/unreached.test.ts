import { Readable } from 'node:stream';
import { Rig, STREAM } from '../rig';

/** RTMP players of a publish that SRS 6 lost from its table: SRS gives them nothing, and says nothing of it. */
let rig: Rig;
/** The number of times that media was asked for by HTTP-FLV. */
let heard: number;
beforeEach(() => {
  rig = new Rig();
  heard = 0;
  rig.srs.media = () => {
    heard += 1;
    return Readable.from([Buffer.from('FLV')]);
  };
});
afterEach(() => rig.dispose());

const NOTHING_MS = 20_000;
const nothing = async (): Promise<Readable> => {
  await rig.clock.sleep(NOTHING_MS);
  throw new Error('SRS sent nothing for 20 s');
};
const play = (clientId: string, fields: object = {}) => rig.hook('on_play', { param: '', ...fields }, clientId);
async function segments(count: number): Promise<void> {
  for (let segment = 0; segment < count; segment += 1) await rig.segment();
}

describe('a publish that SRS gives to nobody', () => {
  it('has its publisher kicked, once, when somebody plays it by RTMP', async () => {
    rig.srs.media = nothing;
    await rig.publish();
    await play('viewer1');
    await play('viewer2');
    await segments(12);
    await play('viewer3');
    await segments(12);
    expect(rig.srs.kicked).toEqual(['client1']);
    expect(rig.events('silent_publisher_kicked')).toMatchObject([{ fields: { streamId: STREAM } }]);
  });

  it('is listened to again for the next player when no segment came in the time', async () => {
    rig.srs.media = nothing;
    await rig.publish();
    await play('viewer1');
    await rig.run(NOTHING_MS + 1000);
    expect(rig.srs.kicked).toEqual([]);
    await play('viewer2');
    await segments(4);
    expect(rig.srs.kicked).toEqual(['client1']);
  });
});

describe('a publish that SRS gives to its players', () => {
  it('is listened to once, by right of the agent, however many play it by RTMP', async () => {
    await rig.publish();
    for (const viewer of ['viewer1', 'viewer2', 'viewer3']) await play(viewer);
    await segments(6);
    expect(heard).toBe(1);
    expect(rig.cloud.clients('on_play')).toEqual(['viewer1', 'viewer2', 'viewer3']);
    expect(rig.srs.kicked).toEqual([]);
  });

  it('keeps its publisher when the questions of viewers wait in line for longer than SRS may be silent', async () => {
    const { ask } = rig.srs;
    rig.srs.ask = async (...question) => {
      await rig.clock.sleep(18_000);
      return ask(...question);
    };
    await rig.publish();
    const viewers = ['192.0.2.1', '192.0.2.2'].map((address) => rig.call('GET', `/live/${STREAM}.flv`, { address }));
    await play('viewer1');
    await segments(24);
    for (const { status } of await Promise.all(viewers)) expect(status).toBe(200);
    expect(rig.srs.kicked).toEqual([]);
  });

  it('is not listened to for a player that waits before it, nor for one that is refused', async () => {
    await play('early');
    await rig.publish();
    rig.cloud.playToken = 'slp_x';
    await play('refused');
    await segments(3);
    expect(heard).toBe(0);
  });
});
