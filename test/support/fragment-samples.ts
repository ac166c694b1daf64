import { type Box, boxAt, boxesIn } from '../../functions/core/packaging/boxes';

/** One sample as a player reads it: times in ticks of its track, after the edit list of its init segment. */
export interface ReadSample {
  decode: number;
  presentation: number;
  duration: number;
  size: number;
  isSync: boolean;
}

/** Flags of a sample that depends on others (ISO/IEC 14496-12, 8.8.3.1). */
const NON_SYNC = 0x10000;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Reads one word of 32 bits after the other. */
function words(view: DataView, start: number): () => number {
  let at = start;
  return () => {
    at += 4;
    return view.getUint32(at - 4);
  };
}

function found(bytes: Uint8Array, path: readonly string[], within?: Box): Box {
  const box = boxAt(bytes, path, within);
  if (box === undefined) throw new Error(`no ${path.join('/')}`);
  return box;
}

/** The media time at which an init segment's edit list begins; 0 without one. */
export function editStartOf(init: Uint8Array): number {
  const elst = boxAt(init, ['moov', 'trak', 'edts', 'elst']);
  if (elst === undefined) return 0;
  const view = viewOf(init);
  if (view.getUint32(elst.body + 4) !== 1) throw new Error('an edit list of more than one entry');
  return view.getUint8(elst.body) === 1 ? Number(view.getBigInt64(elst.body + 16)) : view.getInt32(elst.body + 12);
}

interface Defaults {
  duration: number;
  size: number;
  flags: number;
}

/** The defaults of `trex`, and of `tfhd` over them. */
function defaultsOf(init: Uint8Array, fragment: Uint8Array, traf: Box): Defaults {
  const trex = found(init, ['moov', 'mvex', 'trex']);
  const of = viewOf(init);
  const view = viewOf(fragment);
  const defaults = {
    duration: of.getUint32(trex.body + 12),
    size: of.getUint32(trex.body + 16),
    flags: of.getUint32(trex.body + 20),
  };
  const tfhd = found(fragment, ['tfhd'], traf);
  const flags = view.getUint32(tfhd.body) & 0xffffff;
  const next = words(view, tfhd.body + 8 + (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0));
  if (flags & 8) defaults.duration = next();
  if (flags & 16) defaults.size = next();
  if (flags & 32) defaults.flags = next();
  return defaults;
}

/** Every sample of a fragment of one track, read by ISO/IEC 14496-12 and nothing of our own code but its boxes. */
export function samplesOf(init: Uint8Array, fragment: Uint8Array): ReadSample[] {
  const view = viewOf(fragment);
  const traf = found(fragment, ['moof', 'traf']);
  const tfdt = found(fragment, ['tfdt'], traf);
  const wide = view.getUint8(tfdt.body) === 1;
  let decode = wide ? Number(view.getBigUint64(tfdt.body + 4)) : view.getUint32(tfdt.body + 4);
  const defaults = defaultsOf(init, fragment, traf);
  const edit = editStartOf(init);
  const samples: ReadSample[] = [];
  for (const trun of boxesIn(fragment, traf.body, traf.end).filter(({ type }) => type === 'trun')) {
    const flags = view.getUint32(trun.body) & 0xffffff;
    const next = words(view, trun.body + 8 + (flags & 1 ? 4 : 0));
    const first = flags & 4 ? next() : undefined;
    for (let index = 0; index < view.getUint32(trun.body + 4); index += 1) {
      const duration = flags & 0x100 ? next() : defaults.duration;
      const size = flags & 0x200 ? next() : defaults.size;
      const sampleFlags = flags & 0x400 ? next() : index === 0 && first !== undefined ? first : defaults.flags;
      const offset = flags & 0x800 ? next() | 0 : 0;
      const presentation = decode + offset - edit;
      samples.push({ decode, presentation, duration, size, isSync: (sampleFlags & NON_SYNC) === 0 });
      decode += duration;
    }
  }
  return samples;
}
