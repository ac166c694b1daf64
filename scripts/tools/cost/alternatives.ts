import type { Usage } from './model';

/**
 * Prices of other services for the same hours, at list prices. They come from other pages than the sellers', on the day
 * of the price table; none is verified.
 */
interface Alternative {
  readonly name: string;
  readonly source: string;
  /** Dollars an hour of one viewer, by the rate received in Mbit/s. */
  readonly viewerHour: (bitrate: number) => number;
  /** Dollars an hour of one stream. */
  readonly streamHour: number;
}

/** Amazon IVS sells by the height of the picture; these are bitrates that belong to it. */
const IVS_STEPS: readonly (readonly [toBitrate: number, dollars: number])[] = [
  [1.2, 0.0375],
  [3, 0.075],
  [Number.POSITIVE_INFINITY, 0.15],
];

/** The straight line through AWS's own example bills: 0.07 at 1.76 Mbit/s and 0.151 at 4.0. */
const awsViewerHour = (bitrate: number): number => Math.max(0, 0.07 + ((0.151 - 0.07) / (4 - 1.76)) * (bitrate - 1.76));

export const ALTERNATIVES: readonly Alternative[] = [
  {
    name: 'Amazon IVS, standard channel',
    source: 'https://aws.amazon.com/ivs/pricing/',
    viewerHour: (bitrate) => IVS_STEPS.find(([to]) => bitrate <= to)?.[1] ?? 0,
    streamHour: 2,
  },
  {
    name: 'Cloudflare Stream',
    source: 'https://developers.cloudflare.com/stream/pricing/',
    // A dollar a thousand minutes.
    viewerHour: () => 0.06,
    streamHour: 0,
  },
  {
    name: 'AWS guidance: MediaLive, MediaPackage, CloudFront',
    source: 'https://aws.amazon.com/solutions/implementations/live-streaming-on-aws/',
    viewerHour: awsViewerHour,
    streamHour: 0,
  },
];

export const alternativeMonth = (
  { viewerHour, streamHour }: Alternative,
  { streams, viewers, hours, bitrate }: Usage,
): number => hours * (viewers * viewerHour(bitrate) + streams * streamHour);
