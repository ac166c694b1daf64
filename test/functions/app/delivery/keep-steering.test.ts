import {
  keepSteering,
  readPriority,
  repairSteering,
  writeSteering,
} from '../../../../functions/app/delivery/keep-steering';
import { updateLive } from '../../../../functions/app/delivery/update-live';
import { type Cdns, SteeringManifest } from '../../../../functions/contract/objects/cdns';
import { indexName, steeringName } from '../../../../functions/contract/objects/layout';
import type { SessionPlaylistMetadata } from '../../../../functions/contract/objects/metadata';
import { unsteered } from '../../../../functions/core/delivery/steering';
import { deliveryWorld, STREAM, sessionOf } from '../../../support/delivery';

const cdns: Cdns = [{ name: 'second', host: 'second.example.net', weight: 100 }];
const ref = { streamId: STREAM, sessionId: sessionOf(1), rendition: 'source' };
const MAIN = steeringName('main');
const SECOND = steeringName('second');

/** One segment list published, with these CDNs: the world, and the text of the index. */
async function published(policy: 'open' | 'gated', others: Cdns = [], more: Partial<SessionPlaylistMetadata> = {}) {
  const world = { ...deliveryWorld(), cdns: others };
  await world.publish({ durations: [2, 2], metadata: { policy, ...more } });
  await world.settled(updateLive(world, ref));
  const index = async () => (await world.delivery(policy).read(indexName(policy, STREAM)))?.text ?? '';
  return { world, index };
}

const orderOf = async (world: ReturnType<typeof deliveryWorld>, name: string) =>
  SteeringManifest.parse(JSON.parse((await world.open.read(name))?.text ?? ''))['PATHWAY-PRIORITY'];

describe('steering manifests', () => {
  it('are there before the index that names one', async () => {
    const { world, index } = await published('open', cdns);
    expect(world.writes.map(({ name }) => name).slice(-3)).toEqual([MAIN, SECOND, indexName('open', STREAM)]);
    expect(await index()).toContain(`SERVER-URI="/${SECOND}"`);
    expect(world.open.entry(SECOND)).toMatchObject({
      contentType: 'application/json',
      cacheControl: 'public, max-age=10',
    });
    expect(await orderOf(world, SECOND)).toEqual(['second', 'main']);
    expect(await orderOf(world, MAIN)).toEqual(['main', 'second']);
  });

  it('are not there, and the index is the same, where there is one CDN', async () => {
    const one = await published('open');
    const two = await published('open', cdns);
    expect(one.world.writes.filter(({ name }) => name.includes('steering'))).toEqual([]);
    expect(await one.index()).toBe(unsteered(await two.index()));
    expect(await one.index()).not.toContain('PATHWAY');
  });

  it('leave a gated stream on the CDN that has its signatures', async () => {
    const one = await published('gated');
    const two = await published('gated', cdns);
    expect(await one.index()).not.toBe('');
    expect(await two.index()).toBe(await one.index());
  });

  it('leave an encrypted stream on the host where its keys are', async () => {
    const one = await published('open');
    const two = await published('open', cdns, { encrypted: true });
    expect(await one.index()).not.toBe('');
    expect(await two.index()).toBe(await one.index());
  });

  it('appear in the index of a running stream with the first segment after a CDN was added, and go again', async () => {
    const { world, index } = await published('open');
    const plain = await index();
    const indexAfter = async (segments: number, others: Cdns) => {
      await world.publish({ durations: new Array<number>(segments).fill(2) });
      await world.settled(updateLive({ ...world, cdns: others }, ref));
      return index();
    };
    expect(await indexAfter(3, cdns)).toContain('CONTENT-STEERING');
    expect(await indexAfter(4, [])).toBe(plain);
  });

  it('keep the order of an operator, also where only the first of them was written', async () => {
    const { world } = await published('open', cdns);
    await world.settled(writeSteering(world, ['second', 'main']));
    expect(await readPriority(world)).toEqual(['second', 'main']);
    await world.open.remove(SECOND, (await world.open.stat(SECOND))?.generation ?? '');
    await world.settled(keepSteering(world));
    expect([await orderOf(world, MAIN), await orderOf(world, SECOND)]).toEqual([
      ['second', 'main'],
      ['second', 'main'],
    ]);
    const { length } = world.writes;
    await world.settled(keepSteering(world));
    expect(world.writes).toHaveLength(length);
    await world.settled(writeSteering(world, undefined));
    expect(await readPriority(world)).toBeUndefined();
    expect(await orderOf(world, MAIN)).toEqual(['main', 'second']);
  });

  it('keep the order that an operator gives while they are looked after', async () => {
    const { world } = await published('open', cdns);
    const open = world.delivery('open');
    let given: Promise<void> | undefined;
    const stat = async (name: string) => {
      const found = await open.stat(name);
      given ??= writeSteering(world, ['second', 'main']);
      await given;
      return found;
    };
    await world.settled(keepSteering({ ...world, delivery: () => ({ ...open, stat }) }));
    expect(await readPriority(world)).toEqual(['second', 'main']);
    expect([await orderOf(world, MAIN), await orderOf(world, SECOND)]).toEqual([
      ['second', 'main'],
      ['second', 'main'],
    ]);
  });

  it('name a CDN no more that the configuration has no more, for players that go on reading them', async () => {
    const { world } = await published('open', cdns);
    await world.settled(writeSteering(world, ['second', 'main']));
    await world.settled(repairSteering({ ...world, cdns: [{ name: 'third', host: 'third.example.net', weight: 0 }] }));
    expect((await world.open.read(SECOND))?.text).not.toContain('second');
    expect(await orderOf(world, SECOND)).toEqual(['main', 'third']);
    await world.settled(repairSteering({ ...world, cdns: [] }));
    for (const first of ['main', 'second', 'third'])
      expect(await orderOf(world, steeringName(first))).toEqual(['main']);
  });

  it('are looked for with one read where there was never another CDN', async () => {
    const { world } = await published('open');
    const asked: string[] = [];
    const store = world.delivery('open');
    const read = (name: string) => {
      asked.push(name);
      return store.read(name);
    };
    const list = () => Promise.reject(new Error('a list costs twelve reads'));
    await world.settled(repairSteering({ ...world, cdns: [], delivery: () => ({ ...store, read, list }) }));
    expect(asked).toEqual([MAIN]);
  });

  it('are whole and of one order after two operators gave two orders at once', async () => {
    const { world } = await published('open', cdns);
    await world.settled(
      Promise.all([writeSteering(world, ['second', 'main']), writeSteering(world, ['main', 'second'])]),
    );
    await world.settled(keepSteering(world));
    expect(await orderOf(world, SECOND)).toEqual(await orderOf(world, MAIN));
    expect(await orderOf(world, MAIN)).toEqual(await readPriority(world));
  });
});
