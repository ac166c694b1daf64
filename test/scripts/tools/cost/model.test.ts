import { execFileSync } from 'node:child_process';
import { PRICES, PRICES_READ_ON } from '../../../../functions/contract/prices';
import { dev } from '../../../../infra/config/environments/dev';
import type { EnvironmentInput } from '../../../../infra/config/schema';
import { hotBackupStreamHour } from '../../../../scripts/tools/cost/hot-backup';
import type { Item } from '../../../../scripts/tools/cost/item';
import { machineHour } from '../../../../scripts/tools/cost/machine-price';
import { monthOf, tiers, type Usage } from '../../../../scripts/tools/cost/model';
import { costReport } from '../../../../scripts/tools/cost/report';
import { sizeOf } from '../../../../scripts/tools/cost/size';
import { StackJson } from '../../../../scripts/tools/google/stack-json';
import { ENVIRONMENTS, synthEnvironment, TWO_REGIONS } from '../../../support/synth';

const size = sizeOf(StackJson.of('prod', synthEnvironment(ENVIRONMENTS.prod)));
const usage: Usage = { streams: 1, viewers: 1, hours: 1, bitrate: 2.5, broadcasts: 1, keepDays: 2, locations: 1 };
const sum = (items: readonly Item[], of: Item['of']) =>
  items.reduce((total, one) => (one.of === of ? total + one.dollars : total), 0);
const named = (items: readonly Item[], name: RegExp) => items.find((one) => name.test(one.name))?.dollars ?? Number.NaN;

describe('prices', () => {
  it('are read again after 90 days: look each up at its source, then put PRICES_READ_ON right', () => {
    const days = (Date.now() - Date.parse(PRICES_READ_ON)) / 86_400_000;
    expect(days).toBeLessThanOrEqual(90);
  });

  it('each have a source', () => {
    for (const { source } of Object.values(PRICES)) expect(source).toMatch(/^https:\/\//);
  });
});

describe('a second region', () => {
  const { nightsOff: _off, ...awake } = ENVIRONMENTS.dev;
  const [one, two] = [awake, TWO_REGIONS].map((input) => sizeOf(StackJson.of('dev', synthEnvironment(input))));

  it('costs its machines, and the double price of what lies in both', () => {
    if (one === undefined || two === undefined) throw new Error('no size');
    expect(two).toMatchObject({ minNodes: one.minNodes * 2, turnServers: one.turnServers * 2, replication: 'turbo' });
    const [before, after] = [one, two].map((each) => monthOf(each, usage));
    expect(named(after ?? [], /segments in both/)).toBeGreaterThan(named(before ?? [], /segments kept/));
    const added = (after ?? []).filter(({ name }) => name.startsWith('second region: '));
    expect(added.map(({ name }) => name)).toContain('second region: copies (turbo)');
    expect(sum(after ?? [], 'month')).toBeLessThan(2 * sum(before ?? [], 'month') + sum(added, 'month'));
  });

  it('costs nothing where there is none', () => {
    expect(monthOf(size, usage).filter(({ name }) => name.startsWith('second region'))).toEqual([]);
  });
});

describe('an environment that nobody uses', () => {
  const idle = { ...usage, streams: 0, viewers: 0 };
  const dollars = (input: EnvironmentInput): number =>
    monthOf(sizeOf(StackJson.of(input.name, synthEnvironment(input))), idle).reduce(
      (total, one) => total + one.dollars,
      0,
    );

  it('costs less than 90 dollars a month where it is dev', () => {
    expect(dollars(dev)).toBeLessThan(90);
  });

  it('costs as much more as its nodes run at night', () => {
    const { nightsOff: _off, ...always } = dev;
    const node = 730 * machineHour(dev.origin.machineType);
    expect(dollars(always) - dollars(dev)).toBeGreaterThan(node * 0.6);
  });

  it('keeps the recordings of the whole month where they are kept for good, and says so', () => {
    expect([ENVIRONMENTS.prod.recordingDays, size.keepDays]).toEqual([0, 30]);
    const items = monthOf(size, { ...usage, keepDays: size.keepDays });
    expect(items.map(({ name }) => name)).toContain(
      'segments kept 30 days, and for good: as much again in each later month',
    );
  });

  it('keeps segments as long as recordings are kept, where they expire', () => {
    expect(sizeOf(StackJson.of('dev', synthEnvironment(dev))).keepDays).toBe(dev.recordingDays);
  });
});

describe('the beacons of players', () => {
  const ofBeacons = (streams: number, viewers: number): number =>
    named(monthOf(size, { ...usage, streams, viewers }), /^beacons/) / viewers;

  it.each([
    [10, 500],
    [1, 500],
    [100, 5000],
    [1, 100_000],
  ])('cost 0.0001 dollars a viewer-hour at most, with %i streams and %i viewers', (streams, viewers) => {
    expect(ofBeacons(streams, viewers)).toBeLessThanOrEqual(0.0001);
  });

  it('cost little in all where few watch, and nothing where nobody does', () => {
    expect(ofBeacons(5, 50) * 50).toBeLessThan(0.03);
    expect(named(monthOf(size, { ...usage, viewers: 0 }), /^beacons/)).toBe(0);
  });
});

describe('content keys', () => {
  const ofKeys = (keySeconds: number): number =>
    named(monthOf(size, { ...usage, streams: 10, viewers: 500, keySeconds }), /^content keys/) / 500;

  it('cost nothing where no stream is encrypted, and half as much with half as many', () => {
    expect(monthOf(size, usage).some(({ name }) => name.startsWith('content keys'))).toBe(false);
    expect(ofKeys(600)).toBeLessThan(ofKeys(300));
    expect(ofKeys(60) / ofKeys(6)).toBeLessThan(0.5);
  });
});

describe('chats', () => {
  const ofChats = (chatReaders: number): number =>
    named(monthOf(size, { ...usage, streams: 1, viewers: 950, hours: 1, chatReaders }), /^readers of chats/);

  it('cost nothing without readers, and 0.0002 dollars a connection-hour at most where an instance is full', () => {
    expect(monthOf(size, usage).some(({ name }) => name.startsWith('readers of chats'))).toBe(false);
    expect(ofChats(950) / 950).toBeLessThanOrEqual(0.0002);
    expect(ofChats(1)).toBeGreaterThan(ofChats(950) / 2);
  });
});

describe('a month', () => {
  it('takes its sizes from the environment as it is deployed', () => {
    const { origin, turn, functions } = ENVIRONMENTS.prod;
    expect(size).toMatchObject({
      origin: { machineType: origin.machineType, diskGigabytes: origin.diskGigabytes },
      minNodes: origin.minNodes,
      publishersPerNode: origin.targetPublishers,
      turnServers: turn.servers,
      segmentSeconds: 2,
      heartbeatSeconds: 5,
      logged: ENVIRONMENTS.prod.logs.cdnSample,
      reported: ENVIRONMENTS.prod.observability.sample,
    });
    expect(size.idleInstances).toHaveLength(
      Object.values(functions).reduce((total, { minInstances }) => total + minInstances, 0),
    );
  });

  it.each([
    // 1 Mbit/s is 0.419 GiB an hour; 3600 requests of 0.75 cents a myriad.
    [1, 0.0335],
    [2.5, 0.0838],
    [4, 0.1341],
  ])('has a viewer at %d Mbit/s cost %d dollars an hour at the CDN, and 0.0027 for look-ups', (bitrate, dollars) => {
    const items = monthOf(size, { ...usage, bitrate });
    expect(named(items, /CDN to viewers/)).toBeCloseTo(dollars, 4);
    expect(named(items, /look-ups/)).toBeCloseTo(0.0027, 6);
  });

  it('has storage operations of a stream-hour cost what 5400 and 7200 of them do', () => {
    // And one broadcast: 8 and 6; and 60 passes of the reconciler; and a second page of segments.
    expect(named(monthOf(size, usage), /storage operations/)).toBeCloseTo(
      (5400 + 69) * PRICES.classA.dollars + (7200 + 66) * PRICES.classB.dollars,
      6,
    );
  });

  it('costs each stream and each viewer the same, but for what is cheaper in bulk', () => {
    const one = monthOf(size, usage);
    const ten = monthOf(size, { ...usage, streams: 10, viewers: 10 });
    expect(sum(ten, 'stream')).toBeCloseTo(10 * sum(one, 'stream'), 4);
    const withoutBeacons = (items: readonly Item[]) => sum(items, 'viewer') - named(items, /^beacons/);
    expect(withoutBeacons(ten)).toBeCloseTo(10 * withoutBeacons(one), 6);
    expect(sum(ten, 'month')).toBe(sum(one, 'month'));
  });

  it('pays for further nodes only in the hours in which they are needed', () => {
    const { publishersPerNode, minNodes } = size;
    const full = publishersPerNode * minNodes;
    const further = (streams: number) => named(monthOf(size, { ...usage, streams }), /further nodes/);
    expect(further(full)).toBe(0);
    expect(further(full + 1)).toBeGreaterThan(machineHour(size.origin.machineType));
  });

  it('costs nothing for streams and viewers that are not there', () => {
    const items = monthOf(size, { ...usage, streams: 0, viewers: 0 });
    expect(sum(items, 'stream') + sum(items, 'viewer')).toBe(0);
  });

  it('fills the tiers of the CDN in their order', () => {
    const amounts = (gibibytes: number) => tiers(gibibytes).map(([amount]) => amount);
    expect(amounts(5000)).toEqual([5000, 0, 0]);
    expect(amounts(10 * 1024 + 7)).toEqual([10 * 1024, 7, 0]);
    expect(amounts(200 * 1024)).toEqual([10 * 1024, 140 * 1024, 50 * 1024]);
  });

  it('has no price for a machine it does not know, and says where to put one', () => {
    expect(() => machineHour('c3-standard-4')).toThrow(/machine type 'c3-standard-4': no price for it; add one to/);
    expect(() => machineHour('n2d-custom-4')).toThrow(/no price/);
  });
});

describe('the report', () => {
  it('marks what holds a price that was not verified, says so, and when prices were read', () => {
    const text = costReport('prod', monthOf(size, usage), usage);
    expect(text).toMatch(/nodes, always on \*/);
    expect(text).toMatch(/CDN look-ups\n/);
    expect(text).toContain(PRICES_READ_ON);
    expect(text).toMatch(/Cloudflare Stream: https:/);
  });

  it('says what an hour of a stream with hot backup costs more: less than the stream, and nothing by viewers', () => {
    const items = monthOf(size, usage);
    const more = hotBackupStreamHour(items, usage) ?? 0;
    const whole = items.filter(({ of }) => of === 'stream').reduce((sum, { dollars }) => sum + dollars, 0);
    expect(more).toBeGreaterThan(0);
    expect(more).toBeLessThan(whole / (usage.streams * usage.hours));
    expect(costReport('prod', items, usage)).toContain(`${more.toFixed(5)}  more of a stream with hot backup`);
    expect(hotBackupStreamHour(items, { ...usage, viewers: usage.viewers * 2 })).toBe(more);
    expect(hotBackupStreamHour(items, { ...usage, streams: 0 })).toBeUndefined();
  });

  it('has a dash where there is nobody to share a cost', () => {
    const nobody = { ...usage, viewers: 0 };
    expect(costReport('prod', monthOf(size, nobody), nobody)).toMatch(/\n +- {2}total, with everything\n/);
  });
});

describe('the price table', () => {
  const used = execFileSync(
    'git',
    ['grep', '--untracked', '-hoE', 'PRICES\\.\\w+', '--', 'scripts/tools/cost', 'infra'],
    {
      encoding: 'utf8',
    },
  ).split('\n');

  it.each(Object.entries(PRICES))(
    '%s is used, has a source, and is more than nothing',
    (name, { dollars, source, per }) => {
      expect(used).toContain(`PRICES.${name}`);
      expect(source).toMatch(/^https:\/\/cloud\.google\.com\//);
      expect(dollars).toBeGreaterThan(0);
      expect(per).not.toBe('');
    },
  );
});
