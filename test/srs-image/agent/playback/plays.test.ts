import { NodePlays } from '../../../../functions/contract/hooks/media';
import { offerOf } from '../../../support/network/sdp';
import { API, Rig, STREAM } from '../rig';

let rig: Rig;
beforeEach(async () => {
  rig = new Rig();
  await rig.publish('publisher');
});
afterEach(() => rig.dispose());

const GRANT = 'grant00000000001';
const OTHER = 'grant00000000002';
const plays = async () => NodePlays.parse((await rig.call('GET', `/plays/${STREAM}`, { caller: API })).body).plays;
const kinds = async () => (await plays()).map(({ kind, grantId }) => `${kind} ${grantId ?? 'open'}`);
const order = (more: object = {}) => ({ kind: 'end_plays', streamId: STREAM, reason: 'grant_revoked', ...more });

/** One viewer each by RTMP, FLV and WHEP, with this grant. */
async function playEveryWay(grantId: string, until = rig.clock.now() + 3_600_000): Promise<void> {
  rig.cloud.play = { grantId, until };
  await rig.hook('on_play', { param: '?token=slp_x' }, `rtmp-${grantId}`);
  await rig.call('GET', `/live/${STREAM}.flv?token=slp_x`, { caller: API });
  const offer = { kind: 'play', streamId: STREAM, secret: 'slp_x', address: '198.51.100.9', sdp: offerOf() };
  await rig.call('POST', '/rtc/offer', { caller: API, body: JSON.stringify(offer) });
}

describe('connections that play on a node', () => {
  it('are listed with the way they play and their grant, and nothing of the viewer', async () => {
    await playEveryWay(GRANT);
    expect(await kinds()).toEqual([`rtmp ${GRANT}`, `flv ${GRANT}`, `whep ${GRANT}`]);
    expect(JSON.stringify(await plays())).not.toMatch(/slp_|198\.51/);
  });

  it('end within a heartbeat once their grant is revoked, and those of another grant go on', async () => {
    await playEveryWay(GRANT);
    await playEveryWay(OTHER);
    rig.cloud.commands = [order({ grantId: GRANT })];
    await rig.run(2500);
    expect(rig.srs.kicked).toEqual([`rtmp-${GRANT}`, 'media1', 'media2']);
    expect(await kinds()).toEqual([`rtmp ${OTHER}`, `flv ${OTHER}`, `whep ${OTHER}`]);
    expect(rig.events('player_kicked')).toHaveLength(3);
  });

  it('all end when the stream may not be played any more, and its publisher is left alone', async () => {
    await playEveryWay(GRANT);
    rig.cloud.commands = [order({ reason: 'suspended' })];
    await rig.run(2500);
    expect(await plays()).toEqual([]);
    expect(rig.srs.kicked).not.toContain('publisher');
  });

  it('end when the sitting of their grant is over', async () => {
    await playEveryWay(GRANT, rig.clock.now() + 60_000);
    await rig.run(58_000);
    expect(rig.srs.kicked).toEqual([]);
    await rig.run(4000);
    expect(rig.srs.kicked).toHaveLength(3);
  });

  it('are forgotten when they leave, and when SRS begins again', async () => {
    await playEveryWay(GRANT);
    await rig.hook('on_stop', {}, `rtmp-${GRANT}`);
    expect(await kinds()).toEqual([`flv ${GRANT}`, `whep ${GRANT}`]);
    rig.srs.serviceId = 'service2';
    await rig.hook('on_play', {}, 'new');
    expect(await kinds()).toEqual([`rtmp ${GRANT}`]);
  });

  it('that SRS does not let go stay listed, do not stop other orders, and are ended at the next order', async () => {
    await playEveryWay(GRANT);
    const kick = rig.srs.api.kick;
    rig.srs.api.kick = () => Promise.reject(new Error('SRS answered 500'));
    rig.cloud.commands = [order({ grantId: GRANT }), { kind: 'drain' }];
    await rig.run(4500);
    expect(await plays()).toHaveLength(3);
    expect(rig.cloud.heartbeats().at(-1)).toMatchObject({ draining: true });
    rig.srs.api.kick = kick;
    await rig.run(2500);
    expect(await plays()).toEqual([]);
  });

  it('can be ended one by one by the api alone', async () => {
    await playEveryWay(GRANT);
    const [first] = await plays();
    const body = JSON.stringify({ streamId: STREAM, id: first?.id, reason: 'operator' });
    expect(await rig.call('POST', '/plays/end', { body })).toMatchObject({ status: 401 });
    expect(await rig.call('POST', '/plays/end', { caller: API, body })).toMatchObject({
      status: 200,
      body: { ended: 1 },
    });
    expect(await kinds()).toEqual([`flv ${GRANT}`, `whep ${GRANT}`]);
    expect(await rig.call('GET', '/plays/nonsense', { caller: API })).toMatchObject({ status: 404 });
  });
});
