import { PRICES } from '../../../functions/contract/prices';
import type { Item } from './item';
import type { Usage } from './model';

/**
 * Other CDNs that could pull open media from the bucket, at list prices that come from other pages than the sellers';
 * none is verified. The platform does not send viewers to one yet.
 */
interface OtherCdn {
  readonly name: string;
  readonly source: string;
  /** Dollars for a GB to viewers; requests cost nothing. */
  readonly perGb: number;
}

export const OTHER_CDNS: readonly OtherCdn[] = [
  { name: 'bunny, standard network', source: 'https://bunny.net/pricing/', perGb: 0.01 },
  { name: 'bunny, volume network', source: 'https://bunny.net/pricing/', perGb: 0.005 },
];

/** Cloud CDN beside another one. Dollars. */
export interface CdnComparison {
  readonly name: string;
  readonly source: string;
  readonly viewerHour: number;
  /** Price of its one pull of each stream from the bucket. */
  readonly fillStreamHour: number;
  /** Viewers of one stream from which the other CDN is cheaper; `undefined`: never. */
  readonly paysFrom: number | undefined;
}

const gigabytesPerHour = (bitrate: number): number => (bitrate * 3600) / 8 / 1000;

/** Compares each other CDN with the price of a viewer's hour by Cloud CDN, `viewerHour` in dollars. */
export function compareCdns(viewerHour: number, bitrate: number): CdnComparison[] {
  const gigabytes = gigabytesPerHour(bitrate);
  const fillStreamHour = gigabytes * PRICES.storageEgress.dollars;
  return OTHER_CDNS.map(({ name, source, perGb }) => {
    const saved = viewerHour - gigabytes * perGb;
    const paysFrom = saved > 0 ? Math.floor(fillStreamHour / saved) + 1 : undefined;
    return { name, source, viewerHour: gigabytes * perGb, fillStreamHour, paysFrom };
  });
}

/** Sums the items of a viewer that would go to another CDN with the viewers. */
export const cdnViewerHour = (items: readonly Item[], { viewers, hours }: Usage): number =>
  items.reduce((sum, { name, of, dollars }) => (of === 'viewer' && /CDN/.test(name) ? sum + dollars : sum), 0) /
  (viewers * hours);
