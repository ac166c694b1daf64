import { type Box, boxAt, boxesIn } from './boxes';

/**
 * The time of a fragment, in ticks of its track's timescale: the decode time of its first sample, the sum of its
 * samples' durations, and the number of them.
 */
export interface FragmentTimes {
  decodeTime: number;
  duration: number;
  samples: number;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const flagsOf = (view: DataView, box: Box): number => view.getUint32(box.body) & 0xffffff;
const versionOf = (view: DataView, box: Box): number => view.getUint8(box.body);

/**
 * Optional fields of `tfhd` before the default duration, and of `trun` before its samples: flag and bytes (ISO/IEC
 * 14496-12, 8.8).
 */
const TFHD_BEFORE_DURATION: readonly (readonly [number, number])[] = [
  [0x01, 8],
  [0x02, 4],
];
const TRUN_HEADER: readonly (readonly [number, number])[] = [
  [0x01, 4],
  [0x04, 4],
];
const TRUN_SAMPLE = [0x100, 0x200, 0x400, 0x800];

const present = (fields: readonly (readonly [number, number])[], flags: number): number =>
  fields.reduce((sum, [flag, bytes]) => sum + (flags & flag ? bytes : 0), 0);

function defaultDuration(view: DataView, tfhd: Box): number {
  const flags = flagsOf(view, tfhd);
  return flags & 0x08 ? view.getUint32(tfhd.body + 8 + present(TFHD_BEFORE_DURATION, flags)) : 0;
}

function trunDuration(view: DataView, trun: Box, whenAbsent: number): number {
  const flags = flagsOf(view, trun);
  const samples = view.getUint32(trun.body + 4);
  if (!(flags & 0x100)) return samples * whenAbsent;
  const each = 4 * TRUN_SAMPLE.filter((flag) => flags & flag).length;
  let duration = 0;
  for (
    let at = trun.body + 8 + present(TRUN_HEADER, flags), left = samples;
    left > 0 && at + each <= trun.end;
    at += each
  ) {
    duration += view.getUint32(at);
    left -= 1;
  }
  return duration;
}

/** Returns when a fragment plays; `undefined` for bytes without exactly one `moof` of one track. */
export function fragmentTimes(bytes: Uint8Array): FragmentTimes | undefined {
  const moofs = boxesIn(bytes).filter(({ type }) => type === 'moof');
  const [moof] = moofs;
  const traf = moofs.length === 1 && moof ? boxAt(bytes, ['traf'], moof) : undefined;
  const tfdt = traf && boxAt(bytes, ['tfdt'], traf);
  const tfhd = traf && boxAt(bytes, ['tfhd'], traf);
  if (traf === undefined || tfdt === undefined || tfhd === undefined) return undefined;
  const view = viewOf(bytes);
  const truns = boxesIn(bytes, traf.body, traf.end).filter(({ type }) => type === 'trun');
  return {
    decodeTime: versionOf(view, tfdt) === 1 ? Number(view.getBigUint64(tfdt.body + 4)) : view.getUint32(tfdt.body + 4),
    samples: truns.reduce((sum, trun) => sum + view.getUint32(trun.body + 4), 0),
    duration: truns.reduce((sum, trun) => sum + trunDuration(view, trun, defaultDuration(view, tfhd)), 0),
  };
}

const SHORT = 0x1_0000_0000;

/**
 * Four bytes more in a 32-bit decode time: the sizes around it, and what counts from the start of `moof`, grow by as
 * many.
 */
function widened(bytes: Uint8Array, moof: Box, traf: Box, tfdt: Box): Uint8Array {
  const wide = new Uint8Array(bytes.length + 4);
  wide.set(bytes.subarray(0, tfdt.body + 4));
  wide.set(bytes.subarray(tfdt.body + 4), tfdt.body + 8);
  const view = viewOf(wide);
  for (const box of [moof, traf, tfdt]) view.setUint32(box.start, box.end - box.start + 4);
  view.setUint8(tfdt.body, 1);
  view.setUint32(tfdt.body + 4, 0);
  for (const box of boxesIn(wide, traf.body, traf.end + 4)) {
    if (box.type === 'trun' && flagsOf(view, box) & 1) view.setInt32(box.body + 8, view.getInt32(box.body + 8) + 4);
    if (box.type === 'saio') growOffsets(view, box);
  }
  return wide;
}

/** Offsets of a `saio` box with 32-bit entries, from the start of `moof` (ISO/IEC 14496-12, 8.7.9). */
function growOffsets(view: DataView, saio: Box): void {
  const at = saio.body + 4 + (flagsOf(view, saio) & 1 ? 8 : 0);
  if (versionOf(view, saio) !== 0) return;
  const entries = view.getUint32(at);
  for (let entry = 0, place = at + 4; entry < entries && place + 4 <= saio.end; entry += 1, place += 4)
    view.setUint32(place, view.getUint32(place) + 4);
}

/** A segment index in the fragment would have to be moved too, and no player here needs one: its box is taken out. */
function withoutIndex(bytes: Uint8Array): Uint8Array {
  const index = boxesIn(bytes).find(({ type }) => type === 'sidx');
  if (index === undefined) return bytes;
  const rest = new Uint8Array(bytes.length - (index.end - index.start));
  rest.set(bytes.subarray(0, index.start));
  rest.set(bytes.subarray(index.end), index.start);
  return rest;
}

/**
 * The fragment with its decode time moved by `shift` ticks, which may be beyond 32 bits. Samples stay as they are; a
 * `sidx` goes. `undefined` as for `fragmentTimes`, and when the time would be negative or no safe integer.
 */
export function shiftedFragment(bytes: Uint8Array, shift: number): Uint8Array | undefined {
  const plain = withoutIndex(bytes);
  const times = fragmentTimes(plain);
  const target = (times?.decodeTime ?? Number.NaN) + shift;
  const moof = boxAt(plain, ['moof']);
  const traf = moof && boxAt(plain, ['traf'], moof);
  const tfdt = traf && boxAt(plain, ['tfdt'], traf);
  if (moof === undefined || traf === undefined || tfdt === undefined || !Number.isSafeInteger(target) || target < 0)
    return undefined;
  const wide = plain[tfdt.body] === 1 ? plain.slice() : widened(plain, moof, traf, tfdt);
  const view = viewOf(wide);
  view.setUint32(tfdt.body + 4, Math.floor(target / SHORT));
  view.setUint32(tfdt.body + 8, target % SHORT);
  return wide;
}
