import { audioConfigOf } from '../../../functions/core/low-latency/cutter';
import { AUDIO_TRACK, fragmentOf, initSegmentOf } from '../../../functions/core/low-latency/mp4-writer';
import { MEDIA_TIMESCALE } from '../../../functions/core/packaging/commands';
import type { Unit } from '../inspect/transport-stream';
import type { PackagedTrack } from './ports';
import { lasting, type Timed, trackOf } from './remux-track';

const AAC_SAMPLES = 1024;
/** A time stamp that steps back by less is a hiccup of the encoder; by more it is another clock. */
const MAX_BACK = MEDIA_TIMESCALE / 10;

interface Frames {
  config: Uint8Array;
  frames: Uint8Array[];
}

/** Frames of one PES packet (ISO/IEC 14496-3, 1.A.2.2), and the AudioSpecificConfig of the first. */
function adtsFrames(payload: Uint8Array): Frames | undefined {
  const frames: Uint8Array[] = [];
  let config: Uint8Array | undefined;
  for (let at = 0; at + 7 <= payload.length; ) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = payload.subarray(at, at + 6);
    const length = ((d & 3) << 11) | (e << 3) | (f >> 5);
    if (a !== 0xff || (b & 0xf0) !== 0xf0 || length < 8 || at + length > payload.length) return undefined;
    const type = (c >> 6) + 1;
    const rate = (c >> 2) & 15;
    const channels = ((c & 1) << 2) | (d >> 6);
    config ??= Uint8Array.of((type << 3) | (rate >> 1), ((rate & 1) << 7) | (channels << 3));
    frames.push(payload.subarray(at + (b & 1 ? 7 : 9), at + length));
    at += length;
  }
  return config && { config, frames };
}

/**
 * Frames follow on each other by their own length; a time stamp more than half a frame later is a hole. Time stamps of
 * milliseconds alone would make every frame 21 or 22 ms long. `undefined` for a clock that goes back.
 */
function placed(
  packets: readonly { pts: number; frames: readonly Uint8Array[] }[],
  frame: number,
): Timed[] | undefined {
  const timed: Timed[] = [];
  let base = packets[0]?.pts ?? 0;
  let since = 0;
  for (const { pts, frames } of packets) {
    const due = base + since * frame;
    if (due - pts > MAX_BACK) return undefined;
    if (pts - due > frame / 2) [base, since] = [pts, 0];
    for (const bytes of frames) {
      timed.push({ at: base + Math.round(since * frame), bytes, composition: 0, isSync: true });
      since += 1;
    }
  }
  return timed;
}

/** The sound of a segment as one fragment. `undefined` for what is not plain AAC, and for a clock that goes back. */
export function soundTrack(units: readonly Unit[]): PackagedTrack | undefined {
  const packets: { pts: number; frames: Uint8Array[] }[] = [];
  let config: Uint8Array | undefined;
  for (const { payload, pts } of units) {
    const adts = adtsFrames(payload);
    if (pts === undefined || adts === undefined) return undefined;
    config ??= adts.config;
    if (Buffer.compare(adts.config, config) !== 0) return undefined;
    packets.push({ pts, frames: adts.frames });
  }
  const audio = config && audioConfigOf(config);
  if (audio === undefined) return undefined;
  const frame = (AAC_SAMPLES * MEDIA_TIMESCALE) / audio.sampleRate;
  const timed = placed(packets, frame);
  if (timed === undefined) return undefined;
  const init = initSegmentOf({ audio: { ...audio, timescale: MEDIA_TIMESCALE } });
  const samples = lasting(timed, Math.round(frame));
  return trackOf(init, fragmentOf(1, [{ trackId: AUDIO_TRACK, decodeTime: timed[0]?.at ?? 0, samples }]));
}
