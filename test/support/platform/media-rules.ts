import { heldMsOf, type Probe, probe } from '../../../srs-image/agent/inspect/probe';
import { clockGaps } from '../../../srs-image/agent/session/timeline';

/** A segment as a media playlist lists it. Times in milliseconds. */
export interface Listed {
  uri: string;
  durationMs: number;
  date: number;
  discontinuity: boolean;
}

/** The segments of a playlist this product wrote. */
export function listedIn(text: string): Listed[] {
  const blocks = text.split('\n').reduce<string[][]>(
    (all, line) => {
      all.at(-1)?.push(line);
      if (line !== '' && !line.startsWith('#')) all.push([]);
      return all;
    },
    [[]],
  );
  return blocks.flatMap((lines) => {
    const value = (tag: string) => lines.find((line) => line.startsWith(`#${tag}:`))?.slice(tag.length + 2) ?? '';
    const uri = lines.at(-1) ?? '';
    if (uri === '' || uri.startsWith('#')) return [];
    const date = Date.parse(value('EXT-X-PROGRAM-DATE-TIME'));
    return [
      {
        uri,
        durationMs: Number.parseFloat(value('EXTINF')) * 1000,
        date,
        discontinuity: lines.includes('#EXT-X-DISCONTINUITY'),
      },
    ];
  });
}

/** A step of the clock this long is a pause of the encoder, for all a reader knows. */
const PAUSE_MS = 15_000;
/** A reader cannot tell the duration of a stub. */
const STUB_MS = 300;
/** A newer publisher may begin before the older one is done. */
const OVERLAP_MS = 5000;
/** Between two tracks' ends, and what a late packet makes of it. */
const GAP_MS = 1500;

/**
 * Holds a playlist against the media it names, one segment after the other: EXTINF is what the packets hold, what is
 * not marked as a discontinuity goes on, and program date time neither goes back nor into the future.
 */
export class MediaRules {
  private last: { listed: Listed; seen: Probe | undefined } | undefined;

  /** Returns the faults of the next segment; `nowMs`: when it was seen. */
  next(listed: Listed, bytes: Uint8Array, nowMs: number): string[] {
    const seen = probe(bytes, PAUSE_MS);
    const before = this.last;
    this.last = { listed, seen };
    const heldMs = seen === undefined ? 0 : heldMsOf(seen);
    const { uri, durationMs, date } = listed;
    const isOff = durationMs > 2 * heldMs + STUB_MS || durationMs < heldMs / 2 - STUB_MS;
    const gaps = before === undefined || listed.discontinuity ? [] : clockGaps(clocksOf(before.seen), clocksOf(seen));
    return [
      ...(heldMs > STUB_MS && isOff ? [`EXTINF of ${uri} is ${durationMs} ms, its packets hold ${heldMs}`] : []),
      ...(gaps.length > 0 && gaps.every((gap) => Math.abs(gap) > GAP_MS)
        ? [`the clock of ${uri} is ${gaps[0]} ms away, without a discontinuity`]
        : []),
      ...(date > nowMs + 1000 ? [`${uri} is dated ${date - nowMs} ms ahead`] : []),
      ...(before !== undefined && date < before.listed.date - (listed.discontinuity ? OVERLAP_MS : 0)
        ? [`the date of ${uri} goes back`]
        : []),
    ];
  }
}

const clocksOf = (seen: Probe | undefined) => ({
  ...(seen?.video && { video: seen.video }),
  ...(seen?.audio && { audio: seen.audio }),
});
