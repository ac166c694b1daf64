import { readFileSync } from 'node:fs';
import type { CommonKey } from '../../../../functions/core/packaging/commands';
import { fragmentTimes, shiftedFragment } from '../../../../functions/core/packaging/fragment';
import { initSegment } from '../../../../functions/core/packaging/init-segment';
import type {
  PackagedTrack,
  PackagedTracks,
  PackagingJobs,
  PictureSetup,
  TracksThere,
} from '../../../../srs-image/agent/packaging/ports';
import { ProgramError } from '../../../../srs-image/agent/packaging/run-program';

const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(`test/fixtures/packaging/${name}`));
const TICKS_A_SEGMENT = 180_000;

/** Returns the number of a segment: the fake SRS writes its name into it. */
const numberOf = (segment: Uint8Array): number => Number(/-(\d+)\.ts/.exec(Buffer.from(segment).toString())?.[1] ?? 0);

/** A box of nothing, so that a fragment is as heavy as one of 2 Mbit/s. */
function padding(): Uint8Array {
  const box = Buffer.alloc(500_000);
  box.writeUInt32BE(box.length, 0);
  box.write('free', 4);
  return box;
}

function track(init: string, fragment: string, number: number, key?: CommonKey): PackagedTrack {
  const heavy = Buffer.concat([fixture(fragment), padding()]);
  const made = initSegment(fixture(init));
  const bytes = shiftedFragment(heavy, number * TICKS_A_SEGMENT);
  const times = bytes && fragmentTimes(bytes);
  if (made === undefined || bytes === undefined || times === undefined) throw new Error('a fixture is broken');
  // Another key is another init segment, as its id is in there.
  return { init: key === undefined ? made : { ...made, name: `init-${key.kid.slice(-16)}.mp4` }, bytes, times };
}

/** Jobs without programs: real fragments out of fixtures, each 2 s, at the time of the segment's number. */
export class FakeJobs implements PackagingJobs {
  readonly makesLadders = true;
  sources = 0;
  /** Returns the fault of the job of a number, once for each call. */
  sourceFails: (number: number) => boolean = () => false;
  rungsFail: (number: number) => boolean = () => false;
  /** Numbers whose rungs wait until they are let go. */
  readonly held = new Map<number, () => void>();
  holds: (number: number) => boolean = () => false;
  /** Resolves when an encoder is done with a segment. */
  encoded: () => Promise<void> = async () => undefined;
  readonly rungCalls: { number: number; rungs: string[] }[] = [];

  /** Keys that segments were to be encrypted with, by number: those of the sources, and of the rungs. */
  readonly keys = { source: new Map<number, CommonKey | undefined>(), rungs: new Map<number, CommonKey | undefined>() };

  async source(segment: Uint8Array, _there?: TracksThere, key?: CommonKey): Promise<PackagedTracks> {
    const number = numberOf(segment);
    this.keys.source.set(number, key);
    this.sources += 1;
    if (this.sourceFails(number)) throw new ProgramError('packager ended with SIGKILL');
    return new Map([
      ['source', track('video-0-init.mp4', 'video-0.m4s', number, key)],
      ['audio', track('audio-0-init.mp4', 'audio-0.m4s', number, key)],
    ]);
  }

  /** Tells by number which media the agent can make fragments of itself. */
  isPlain: (number: number) => boolean = () => false;
  /** The setups of pictures that were handed on, one for each call. */
  readonly handedOn: (PictureSetup | undefined)[] = [];
  withoutProgram(segment: Uint8Array, _: TracksThere, before?: PictureSetup): PackagedTracks | undefined {
    const number = numberOf(segment);
    this.handedOn.push(before);
    if (!this.isPlain(number)) return undefined;
    const source = track('video-1-init.mp4', 'video-0.m4s', number);
    // Another writer writes other bytes for the same encoding.
    const init = { ...source.init, name: 'init-0123456789abcdef.mp4' };
    return new Map([
      ['source', { ...source, init, picture: { avcC: 'AQ==', edit: number } }],
      ['audio', track('audio-0-init.mp4', 'audio-0.m4s', number)],
    ]);
  }

  async rungs(
    segment: Uint8Array,
    rungs: readonly { name: string }[],
    _limitMs?: number,
    key?: CommonKey,
  ): Promise<PackagedTracks> {
    const number = numberOf(segment);
    this.keys.rungs.set(number, key);
    this.rungCalls.push({ number, rungs: rungs.map(({ name }) => name) });
    if (this.holds(number)) await new Promise<void>((go) => this.held.set(number, go));
    await this.encoded();
    if (this.rungsFail(number)) throw new ProgramError('ffmpeg ended with SIGKILL');
    return new Map(rungs.map(({ name }) => [name, track('video-0-init.mp4', 'video-0.m4s', number, key)]));
  }
}
