import { SOUND_RENDITION, SOURCE_RENDITION } from '../../../functions/contract/ids';
import { WRAP_TICKS } from '../inspect/packets';
import { type Unit, unitsOf } from '../inspect/transport-stream';
import type { PackagedTracks, PictureSetup, TracksThere } from './ports';
import { pictureTrack } from './remux-picture';
import { soundTrack } from './remux-sound';

/** Stream types of ISO/IEC 13818-1, table 2-34: H.264, and AAC in ADTS. */
const H264 = 27;
const AAC = 15;

/** A segment in which the 33 bits of the clock begin again: its times go on. */
function unrolled(units: readonly Unit[]): Unit[] {
  const near = units.find(({ dts }) => dts !== undefined)?.dts ?? 0;
  const unroll = (ticks: number | undefined): number | undefined =>
    ticks === undefined ? undefined : ticks + Math.round((near - ticks) / WRAP_TICKS) * WRAP_TICKS;
  return units.map((unit) => ({ ...unit, pts: unroll(unit.pts), dts: unroll(unit.dts) }));
}

/**
 * The fragments of a segment without any program: what `PackagingJobs.source` makes, for plain H.264 and AAC. `before`:
 * how the picture of the segment before was set up. `undefined` for every other codec, for parameter sets that change
 * within the segment, and for clocks that go back.
 */
export function remuxed(
  segment: Uint8Array,
  { hasVideo, hasAudio }: TracksThere,
  before?: PictureSetup,
): PackagedTracks | undefined {
  const units = unrolled(unitsOf(segment));
  const of = (type: number) => units.filter(({ streamType }) => streamType === type);
  const video = hasVideo ? pictureTrack(of(H264), before) : undefined;
  const audio = hasAudio ? soundTrack(of(AAC)) : undefined;
  if ((hasVideo && video === undefined) || (hasAudio && audio === undefined)) return undefined;
  if (video === undefined) return audio && new Map([[SOURCE_RENDITION, audio]]);
  return new Map([[SOURCE_RENDITION, video], ...(audio ? [[SOUND_RENDITION, audio] as const] : [])]);
}
