import type { PackagedTrack } from '../packaging/ports';
import type { MeasuredRendition } from '../session/session-state';

/** RFC 8216, 4.3.4.2: BANDWIDTH is the peak. In steps, so that the index changes rarely. */
const VIDEO_STEP = 50_000;
const AUDIO_STEP = 8_000;
/** An average or a frame rate is reported again once it differs from the last report by this share. */
const NOTABLE = 0.1;
/** As many as the metadata of a session playlist may name. */
const MAX_RENDITIONS = 8;

const roundedUp = (value: number, step: number): number => Math.max(step, Math.ceil(value / step) * step);
const keptUnlessFar = (said: number | undefined, now: number): number =>
  said !== undefined && Math.abs(now - said) <= NOTABLE * said ? said : now;

function frameRateOf({ times, init }: PackagedTrack): number {
  return Math.round((times.samples * init.track.timescale * 100) / times.duration) / 100;
}

/** One rendition after one more fragment of it. Its bandwidth never falls. */
function measured(
  known: MeasuredRendition | undefined,
  name: string,
  track: PackagedTrack,
  durationMs: number,
): MeasuredRendition {
  const { kind, codecs, width, height, channels } = track.init.track;
  const step = kind === 'video' ? VIDEO_STEP : AUDIO_STEP;
  const bytes = (known?.bytes ?? 0) + track.bytes.length;
  const mediaMs = (known?.mediaMs ?? 0) + durationMs;
  const said = known?.attributes;
  // A stub at the end of a publish says nothing of the peak.
  const isStub = known !== undefined && durationMs * 2 < known.mediaMs / Math.max(1, Math.round(known.mediaMs / 2000));
  const peak = isStub ? 0 : roundedUp((track.bytes.length * 8000) / durationMs, step);
  return {
    name,
    kind,
    bytes,
    mediaMs,
    attributes: {
      bandwidth: Math.max(said?.bandwidth ?? step, peak),
      averageBandwidth: keptUnlessFar(said?.averageBandwidth, roundedUp((bytes * 8000) / mediaMs, step)),
      codecs,
      ...(width && height ? { width, height } : {}),
      ...(kind === 'video' &&
        track.times.samples > 0 &&
        track.times.duration > 0 && { frameRate: keptUnlessFar(said?.frameRate, frameRateOf(track)) }),
      ...(channels ? { channels } : {}),
    },
  };
}

/**
 * Every rendition after one more segment: those of `made` measured again, new ones behind the known, the oldest gone
 * when there are too many.
 */
export function withMeasured(
  known: readonly MeasuredRendition[],
  made: ReadonlyMap<string, PackagedTrack>,
  durationMs: number,
): MeasuredRendition[] {
  const byName = new Map(known.map((rendition) => [rendition.name, rendition]));
  for (const [name, track] of made) byName.set(name, measured(byName.get(name), name, track, durationMs));
  const all = [...byName.values()];
  const spare = all.filter(({ name }) => name !== 'source' && name !== 'audio' && !made.has(name));
  const leaving = new Set(spare.slice(0, Math.max(0, all.length - MAX_RENDITIONS)));
  return all.filter((rendition) => !leaving.has(rendition));
}
