import { SOURCE_RENDITION } from '../../../functions/contract/ids';
import { OBJECT_KINDS } from '../../../functions/contract/objects/cache';
import { initName, segmentName } from '../../../functions/contract/objects/layout';
import { type DateRange, encodeMetadata } from '../../../functions/contract/objects/metadata';
import type { FragmentEncryption } from '../../../functions/core/encryption/content-keys';
import { shiftedFragment } from '../../../functions/core/packaging/fragment';
import type { ObjectStore, WriteOptions } from '../../../functions/ports/stores';
import type { PackagedTracks } from '../packaging/ports';
import { ProgramError } from '../packaging/run-program';
import type { SessionState } from '../session/session-state';

/** Place of one segment's fragments. `number` and dates are those of all its renditions. */
export interface FragmentTiming {
  number: number;
  shift: number;
  durationMs: number;
  programDateTimeMs: number;
  discontinuity: boolean;
  /** The key that the fragments are encrypted with; absent: they are in the clear. */
  encryption?: FragmentEncryption | undefined;
  /** Beside the source's fragment only. */
  dateRanges?: readonly DateRange[];
}

export interface FragmentStore {
  store: ObjectStore;
  grant: SessionState['grant'];
  nowMs: number;
  /** Init segments that are in the bucket, by object name; those written here are added. */
  known: Set<string>;
}

/** Throws when the store takes it neither now nor had it before: it is to be tried again. */
async function put(
  { store }: FragmentStore,
  name: string,
  bytes: Uint8Array,
  options: Omit<WriteOptions, 'ifGenerationMatch'>,
) {
  const result = await store.write(name, bytes, { ...options, ifGenerationMatch: '0' });
  if (result.kind === 'rate_limited') throw new Error('rate limited');
}

/**
 * Writes the fragments of one segment, each after the init segment it needs; an object that exists was written by an
 * earlier try, byte for byte the same, because jobs and names are deterministic. Returns the number of bytes written,
 * without init segments.
 */
export async function writeFragments(
  to: FragmentStore,
  tracks: PackagedTracks,
  place: FragmentTiming,
): Promise<number> {
  const { grant, nowMs, known } = to;
  const customTime = grant.recording ? {} : { customTime: new Date(nowMs) };
  const { durationMs, programDateTimeMs, discontinuity, number } = place;
  const sizes = [...tracks].map(async ([rendition, { init, bytes }]) => {
    const headers = { ...OBJECT_KINDS[init.track.kind === 'audio' ? 'audioFragment' : 'fragment'], ...customTime };
    const fragment = shiftedFragment(bytes, place.shift);
    if (fragment === undefined)
      throw new ProgramError(`${rendition}: its time cannot be moved by ${place.shift} ticks`);
    const initObject = initName({ ...grant, rendition, file: init.name });
    if (!known.has(initObject)) await put(to, initObject, init.bytes, { ...headers, metadata: {} });
    known.add(initObject);
    const metadata = {
      durationMs,
      programDateTime: new Date(programDateTimeMs).toISOString(),
      discontinuity,
      init: init.name,
      ...place.encryption,
      ...(rendition === SOURCE_RENDITION && place.dateRanges && { dateRanges: place.dateRanges }),
    };
    const name = segmentName({ ...grant, rendition, number, container: 'm4s' });
    await put(to, name, fragment, { ...headers, metadata: encodeMetadata(metadata) });
    return fragment.length;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
