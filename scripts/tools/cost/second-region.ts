import { PRICES } from '../../../functions/contract/prices';
import { type Item, item } from './item';
import { storageOperations } from './operations';
import type { EnvironmentSize } from './size';

const MONTH_HOURS = 730;
const MONTH_DAYS = MONTH_HOURS / 24;
const GB = 1e9;
/** The stand-by function waits for two seconds of each event, and one instance waits for all of them together. */
const EVENTS_OF_AN_INSTANCE = 40;
const FUNCTION_GIBIBYTES = 0.5;
/** Reads by which the stand-by function finds an event done: session playlist, live playlist and index. */
const READS_AN_EVENT = 4;

/** Streams live at a time, the hours of a month in which they are, their Mbit/s, and the days they are kept. */
interface Media {
  readonly streams: number;
  readonly hours: number;
  readonly bitrate: number;
  readonly keepDays: number;
}

/**
 * Estimates what a second region adds beside its machines, which are counted with the others: objects and operations
 * have twice the price in a dual-region bucket, documents in a multi-region. Nothing for one region.
 */
export function ofSecondRegion(size: EnvironmentSize, media: Media): Item[] {
  const { replication, segmentSeconds, heartbeatSeconds, minNodes } = size;
  if (replication === undefined) return [];
  const { streams, hours, bitrate, keepDays } = media;
  const streamSeconds = streams * hours * 3600;
  const segments = streamSeconds / segmentSeconds;
  const gigabytes = (streamSeconds * bitrate * 1e6) / 8 / GB;
  const { classA } = storageOperations({ segments, reconciles: streamSeconds / 60 });
  const heartbeats = (minNodes * MONTH_HOURS * 3600) / heartbeatSeconds;
  const waiting = Math.ceil(streams / EVENTS_OF_AN_INSTANCE) * hours * 3600;
  return [
    item(
      'second region: documents in several',
      'month',
      [heartbeats, PRICES.firestoreRead],
      [heartbeats, PRICES.firestoreWrite],
    ),
    item(
      'second region: segments in both',
      'stream',
      [gigabytes * (keepDays / MONTH_DAYS), PRICES.storage],
      [streams === 0 ? 0 : classA, PRICES.classA],
    ),
    item(`second region: copies (${replication})`, 'stream', [
      gigabytes,
      replication === 'turbo' ? PRICES.turboReplication : PRICES.replication,
    ]),
    item(
      'second region: its turn at each event',
      'stream',
      [segments, PRICES.invocation],
      [segments * READS_AN_EVENT, PRICES.classB],
      [waiting, PRICES.cpu],
      [waiting * FUNCTION_GIBIBYTES, PRICES.memory],
    ),
  ];
}
