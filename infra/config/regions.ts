/** A part of the world in which two regions can be a pair, and what Google has there across regions. */
export interface Pairing {
  /** The location of a dual-region bucket, and of the triggers on it. */
  readonly bucket: 'eu' | 'us';
  /** The multi-region of the database. https://cloud.google.com/firestore/docs/locations */
  readonly database: 'eur3' | 'nam5';
  /** The multi-region of the images. https://cloud.google.com/artifact-registry/docs/repositories/repo-locations */
  readonly images: 'europe' | 'us';
  /** Regions that may be data locations. https://cloud.google.com/storage/docs/locations#location-dr */
  readonly regions: readonly string[];
}

/** Asia is absent: Firestore has no multi-region there, so the loss of a region would take the database. */
const PAIRINGS: readonly Pairing[] = [
  {
    bucket: 'eu',
    database: 'eur3',
    images: 'europe',
    regions: [
      ...['europe-central2', 'europe-north1', 'europe-southwest1', 'europe-west1', 'europe-west3'],
      ...['europe-west4', 'europe-west8', 'europe-west9'],
    ],
  },
  {
    bucket: 'us',
    database: 'nam5',
    images: 'us',
    regions: [
      ...['us-central1', 'us-east1', 'us-east4', 'us-east5', 'us-south1'],
      ...['us-west1', 'us-west2', 'us-west3', 'us-west4'],
    ],
  },
];

/** Names the regions that may be a pair, for the error of two that may not. */
export const PAIRS = PAIRINGS.map(({ regions }) => `two of ${regions.join(', ')}`).join('; or ');

/** Returns what two regions share; `undefined` for one region, and for two that cannot be a pair. */
export function pairingOf(regions: readonly string[]): Pairing | undefined {
  if (regions.length < 2) return undefined;
  return PAIRINGS.find((pairing) => regions.every((region) => pairing.regions.includes(region)));
}

/** Returns the zones that lie in a region. */
export const zonesIn = (region: string, { zones }: { readonly zones: readonly string[] }): string[] =>
  zones.filter((zone) => zone.startsWith(`${region}-`));
