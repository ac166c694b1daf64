import { PRICES, PRICES_READ_ON } from '../../../functions/contract/prices';
import { ALTERNATIVES, alternativeMonth } from './alternatives';
import { cdnViewerHour, compareCdns } from './cdns';
import { edgeViewerHour } from './edges';
import { hotBackupStreamHour } from './hot-backup';
import type { Item } from './item';
import type { Usage } from './model';
import type { EdgeGroup } from './size';

const SHARES: Readonly<Record<Item['of'], string>> = {
  month: 'whatever happens',
  stream: 'by streams',
  viewer: 'by viewers',
};

const money = (dollars: number): string => dollars.toFixed(2);
/** Formats a price of an hour, which is a fraction of a cent. */
const fine = (dollars: number): string => dollars.toFixed(5);
const row = (dollars: string, name: string): string => `${dollars.padStart(14)}  ${name}`;

/** Writes the month by item, the price of an hour of a stream and of a viewer, and the prices of others. */
export function costReport(environment: string, items: readonly Item[], usage: Usage & { edges?: EdgeGroup }): string {
  const sum = (of?: Item['of']) =>
    items.reduce((total, one) => (of === undefined || one.of === of ? total + one.dollars : total), 0);
  const { streams, viewers, hours, bitrate } = usage;
  const perHour = (of: Item['of'], count: number) =>
    items.filter((one) => one.of === of).map((one) => row(count === 0 ? '-' : fine(one.dollars / count), nameOf(one)));
  const shared = (count: number, dollars: number): string => (count === 0 ? '-' : fine(dollars / count));
  const unverified = Object.values(PRICES).filter(({ verified }) => !verified).length;
  return [
    `${environment}: ${streams} streams and ${viewers} viewers at a time, ${hours} h a month, ${bitrate} Mbit/s`,
    '',
    row('$/month', ''),
    ...items.map((one) => row(money(one.dollars), `${nameOf(one)} (${SHARES[one.of]})`)),
    row(money(sum()), 'total'),
    '',
    row('$/stream-hour', ''),
    ...perHour('stream', streams * hours),
    row(shared(streams * hours, sum('stream')), 'total, without what the month costs anyhow'),
    ...hotBackupRow(items, usage),
    '',
    row('$/viewer-hour', ''),
    ...perHour('viewer', viewers * hours),
    row(shared(viewers * hours, sum('viewer')), 'total, without what the month costs anyhow'),
    row(shared(viewers * hours, sum()), 'total, with everything'),
    '',
    ...cdnRows(items, usage),
    ...edgeRows(usage),
    row('$/month', 'the same hours elsewhere, with transcoding where it is part of it *'),
    ...ALTERNATIVES.map((one) => row(money(alternativeMonth(one, usage)), `${one.name}: ${one.source}`)),
    '',
    `List prices in US dollars, read on ${PRICES_READ_ON}, without free tiers, discounts and taxes: ` +
      'functions/contract/prices.ts.',
    `* holds a price that was not verified (${unverified} of ${Object.keys(PRICES).length} in the table). ` +
      'Look it up before you plan with it.',
    `What the month costs anyhow: ${money(sum('month'))}.`,
    'Not in it, because nothing here says how much of it there is: WebRTC and FLV viewers, relayed TURN traffic, ' +
      'calls of the API,',
    'recordings kept on demand, logs beyond the viewers’ (functions, nodes, flows), images in the registry and ' +
      'their scans, Cloud',
    'Build, retries, backups and recovery to a point in time, the bucket of the states, support, taxes.',
    '',
  ].join('\n');
}

/**
 * Writes the price of a viewer's hour of an open stream by another CDN, and the audience from which that CDN is
 * cheaper.
 */
function cdnRows(items: readonly Item[], usage: Usage): string[] {
  if (usage.viewers === 0) return [];
  const own = cdnViewerHour(items, usage);
  return [
    row('$/viewer-hour', 'of open streams, by CDN; another one pulls once from the bucket (not built) *'),
    row(fine(own), 'Cloud CDN'),
    ...compareCdns(own, usage.bitrate).map(({ name, source, viewerHour, fillStreamHour, paysFrom }) => {
      const from = paysFrom === undefined ? 'never cheaper' : `cheaper from ${paysFrom} viewers of a stream`;
      return row(fine(viewerHour), `${name}, and ${fine(fillStreamHour)} a stream-hour; ${from}: ${source}`);
    }),
    '',
  ];
}

function hotBackupRow(items: readonly Item[], usage: Usage): string[] {
  const more = hotBackupStreamHour(items, usage);
  const what = 'more of a stream with hot backup, at most: its uploads twice, and a place on a second node';
  return more === undefined ? [] : [row(fine(more), what)];
}

/** Writes the price of an hour of a viewer whom an edge serves, in an environment that has edges. */
function edgeRows({ edges, bitrate }: Usage & { edges?: EdgeGroup }): string[] {
  if (edges === undefined) return [];
  const { webRtc, flv, machine } = edgeViewerHour(edges, bitrate);
  return [
    row('$/viewer-hour', `by an edge that is full (${fine(machine)} of it the machine) *`),
    row(fine(webRtc), 'WebRTC, from the edge itself'),
    row(fine(flv), 'HTTP-FLV, through the load balancer'),
    '',
  ];
}

const nameOf = ({ name, verified }: Item): string => (verified ? name : `${name} *`);
