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
    expect(rig.srs.kicked).toEqual([`rtmp-${GRANT}`, 'media2', 'media3']);
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

describe('connections that play on a node whose agent was restarted', () => {
  const playing = (...clientIds: string[]) =>
    clientIds.map((clientId) => ({ clientId, streamId: STREAM, kind: 'rtmp' as const, playedMs: 4000 }));

  async function restarted(...there: string[]): Promise<void> {
    rig.srs.players = playing(...there);
    await rig.crash();
    await rig.run(3000);
    rig.restart();
    await rig.run(2500);
  }

  it('are known by what right, so that a revocation ends those of its grant alone', async () => {
    await playEveryWay(GRANT);
    await playEveryWay(OTHER);
    await restarted(`rtmp-${GRANT}`, `rtmp-${OTHER}`);
    expect(await kinds()).toEqual([`rtmp ${GRANT}`, `rtmp ${OTHER}`]);
    rig.cloud.commands = [order({ grantId: GRANT })];
    await rig.run(2500);
    expect(rig.srs.kicked).toEqual([`rtmp-${GRANT}`]);
    expect(await kinds()).toEqual([`rtmp ${OTHER}`]);
  });

  it('end when the sitting of their grant is over', async () => {
    await playEveryWay(GRANT, rig.clock.now() + 60_000);
    await restarted(`rtmp-${GRANT}`);
    expect(rig.srs.kicked).toEqual([]);
    await rig.run(60_000);
    expect(rig.srs.kicked).toEqual([`rtmp-${GRANT}`]);
  });

  it('are forgotten if they left meanwhile', async () => {
    await playEveryWay(GRANT);
    await restarted();
    expect(await plays()).toEqual([]);
  });

  it('of whom nothing is noted are listed, and every order for a grant of the stream ends them', async () => {
    await restarted('nobody-knows');
    expect(await kinds()).toEqual(['rtmp open']);
    rig.cloud.commands = [order({ grantId: GRANT })];
    await rig.run(2500);
    expect(rig.srs.kicked).toEqual(['nobody-knows']);
  });

  it('are known though a line of the notes was torn, and no key or token stands in them', async () => {
    await playEveryWay(GRANT);
    const notes = rig.spooled('plays.jsonl');
    expect(notes).toContain(GRANT);
    expect(notes).not.toMatch(/slp_|198\.51/);
    rig.tearNotes();
    await restarted(`rtmp-${GRANT}`);
    expect(await kinds()).toEqual([`rtmp ${GRANT}`]);
  });

  it('are learned once SRS answers, when it did not at the start', async () => {
    await playEveryWay(GRANT);
    rig.srs.up = false;
    await restarted(`rtmp-${GRANT}`);
    expect(await plays()).toEqual([]);
    rig.srs.up = true;
    await rig.run(2500);
    expect(await kinds()).toEqual([`rtmp ${GRANT}`]);
  });
});
