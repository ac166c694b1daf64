import fc from 'fast-check';
import type { Audience } from '../../../../functions/contract/viewers/audience';
import { MAX_VIEWINGS } from '../../../../functions/contract/viewers/audience';
import {
  beaconSeconds,
  emptyAudience,
  sampleOf,
  viewersOf,
  withHeard,
} from '../../../../functions/core/viewers/audience';
import { type KnownViewing, viewingOf } from '../../../../functions/core/viewers/viewing';
import { ViewingSample } from '../../../../functions/core/viewers/viewing-sample';
import { broadcastOf, STREAM_ID } from '../../../support/streams';

const NOW = Date.UTC(2026, 10, 26);

/** Beacon `number` of viewing `n`, which plays without a stall; on time. */
const heard = (n: number, number: number): KnownViewing =>
  viewingOf(
    {
      viewing: `viewing${String(n).padStart(12, '0')}`,
      number,
      way: 'hls',
      playedSeconds: (number - 1) * 30,
      stalls: number - 1,
      stalledSeconds: 0,
      startupMs: 500,
    },
    { streamId: STREAM_ID, nowMs: NOW + number * 30_000, nextSeconds: 30, viewingSecret: 'of the test' },
  );

const audienceOf = (parts: readonly (readonly KnownViewing[])[], nowMs = NOW + 300_000): Audience =>
  parts.reduce(
    (audience, part) => withHeard(audience, new ViewingSample(0, part), nowMs).audience,
    emptyAudience(STREAM_ID, broadcastOf().id),
  );

it('an audience is the same in whatever order, on whatever instances and how often its beacons arrive', () => {
  const beacon = fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 6 }));
  fc.assert(
    fc.property(fc.array(fc.array(beacon, { maxLength: 12 }), { maxLength: 6 }), (parts) => {
      const beacons = parts.map((part) => part.map(([n, number]) => heard(n, number)));
      const once = audienceOf([beacons.flat()]);
      const shuffled = audienceOf([...beacons, ...beacons].reverse());
      const told = ({ totals, viewings }: Audience) => [totals, JSON.parse(viewings).toSorted()];
      expect(told(shuffled)).toEqual(told(once));
    }),
  );
});

it('twenty thousand viewers are estimated within 10 % from two thousand at most', () => {
  const parts = Array.from({ length: 20 }, (_, part) =>
    Array.from({ length: 1000 }, (_, n) => heard(part * 1000 + n, 1)),
  );
  const audience = audienceOf(parts, NOW + 30_000);
  const sample = sampleOf(audience);
  const { all } = viewersOf(sample, NOW + 30_000);
  expect(sample.size).toBeLessThanOrEqual(MAX_VIEWINGS);
  expect(audience.viewings.length).toBeLessThan(300_000);
  expect([all > 18_000 && all < 22_000, all]).toEqual([true, all]);
});

it('the minutes of an hour are kept, with the most viewers of each', () => {
  let audience = emptyAudience(STREAM_ID, broadcastOf().id);
  for (let minute = 0; minute < 90; minute += 1)
    audience = withHeard(
      audience,
      new ViewingSample(0, [heard(minute, minute * 2 + 1)]),
      NOW + minute * 60_000 + 1,
    ).audience;
  expect(audience.minutes).toHaveLength(60);
  expect(audience.minutes.at(-1)).toMatchObject({ at: NOW + 89 * 60_000 });
});

it('few viewers send every 30 s, many so seldom that an instance has three beacons a second, but every 180 s', () => {
  expect([0, 90, 300, 1_000_000].map(beaconSeconds)).toEqual([30, 30, 100, 180]);
});
