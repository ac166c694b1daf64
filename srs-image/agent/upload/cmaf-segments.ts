import type { Policy } from '../../../functions/contract/ids';
import { commonKey, fragmentEncryption, type NumberedSegment } from '../../../functions/core/encryption/content-keys';
import { rungsFor } from '../../../functions/core/packaging/ladder';
import type { Clock, Log, ObjectStore } from '../../../functions/ports/stores';
import type { Counters } from '../metrics/counters';
import type { LadderRoom } from '../packaging/ladder-room';
import type { PackagedTrack, PackagedTracks, PackagingJobs, TracksThere } from '../packaging/ports';
import type { RenditionStates } from '../packaging/rendition-states';
import { ProgramError } from '../packaging/run-program';
import { type MediaTime, mediaTimeOf } from '../packaging/timing';
import type { NodeSession } from '../session/session';
import type { PackagedSession, SessionSegment, UploadedInCmaf } from '../session/session-state';
import { dateRangesOf } from '../session/timed-metadata';
import { withMeasured } from './renditions';
import type { Semaphore } from './semaphore';
import { writeFragments } from './write-fragments';

/** Dependencies of a node that can package. */
export interface PackagingDeps {
  jobs: PackagingJobs;
  /** Jobs at once over all sessions: a source is never behind a ladder. */
  sourceGate: Semaphore;
  rungGate: Semaphore;
  room: LadderRoom;
  states: RenditionStates<NodeSession>;
}

export interface CmafDeps {
  packaging?: PackagingDeps | undefined;
  delivery: (policy: Policy) => ObjectStore;
  clock: Clock;
  log: Log;
  counters: Counters;
}

/** A segment that fails so often, with pauses between, is one the packager cannot take. */
const MAX_TRIES = 3;

/** Packages and uploads the source of one session's segments. */
export class CmafSegments {
  private failed = { index: -1, tries: 0 };
  private readonly known = new Set<string>();
  /** The packager fails on this session's media: the agent makes the fragments where it can. */
  private doesPackagerFail = false;

  constructor(
    private readonly session: NodeSession,
    private readonly deps: CmafDeps,
  ) {
    if (session.state.cmaf?.isOff) deps.packaging?.states.unpackaged(session);
  }

  /** False for a stream in transport streams, on a node without a packager, and once packaging was given up. */
  get isWanted(): boolean {
    const { grant, cmaf } = this.session.state;
    return grant.packaging === 'cmaf' && this.deps.packaging !== undefined && cmaf?.isOff !== true;
  }

  /**
   * The fragments of the next segment to the bucket; what is to be noted of it. Rejects when it is to be tried again.
   * After three failures of the packager the session goes on with transport streams.
   */
  async upload(segment: SessionSegment, bytes: Uint8Array): Promise<UploadedInCmaf> {
    const { packaging } = this.deps;
    if (packaging === undefined) throw new Error('this node packages nothing');
    try {
      const there = { hasVideo: segment.clocks?.video !== undefined, hasAudio: segment.clocks?.audio !== undefined };
      const own = this.withoutProgram(bytes, there, packaging.jobs);
      const key = commonKey(this.numbered, this.session.state.encryption);
      const made = own ?? (await packaging.sourceGate.run(() => packaging.jobs.source(bytes, there, key)));
      const packaged = await this.put(segment, made, own === undefined);
      packaging.states.packaged(this.session);
      return packaged;
    } catch (error) {
      if (error instanceof ProgramError) this.noteFailure(segment, error);
      throw error;
    }
  }

  /**
   * The fragments made in the agent, for plain media; a process would cost a tenth of a second. One segment that is not
   * plain leaves the session to the packager: going back and forth would be a discontinuity each time. Only the
   * packager encrypts.
   */
  private withoutProgram(bytes: Uint8Array, there: TracksThere, jobs: PackagingJobs): PackagedTracks | undefined {
    const { cmaf, encryption } = this.session.state;
    if (encryption !== undefined || (cmaf?.isByProgram && !this.doesPackagerFail)) return undefined;
    return jobs.withoutProgram(bytes, there, cmaf?.picture);
  }

  /** The next segment's place in the session. */
  private get numbered(): NumberedSegment {
    const { grant, firstNumber, uploaded } = this.session.state;
    return { streamId: grant.streamId, sessionId: grant.sessionId, number: firstNumber + uploaded };
  }

  /** A new key is a new init segment of the same encoding. */
  private get hasNewKey(): boolean {
    const { numbered } = this;
    const { encryption } = this.session.state;
    const keyId = (number: number) => fragmentEncryption({ ...numbered, number }, encryption)?.keyId;
    return keyId(numbered.number) !== keyId(numbered.number - 1);
  }

  private async put(segment: SessionSegment, made: PackagedTracks, isByProgram: boolean): Promise<UploadedInCmaf> {
    const { session, deps } = this;
    const { grant } = session.state;
    const main = made.get('source');
    if (main === undefined) throw new ProgramError('a segment without picture and sound');
    const place = this.place(segment, made, main);
    const to = { store: deps.delivery(grant.policy), grant, nowMs: deps.clock.now(), known: this.known };
    const dateRanges = dateRangesOf({ ...segment, ...place });
    deps.counters.uploadedBytes += await writeFragments(to, made, {
      ...place,
      number: this.numbered.number,
      encryption: fragmentEncryption(this.numbered, session.state.encryption),
      ...(dateRanges.length > 0 && { dateRanges }),
    });
    const described = this.described(made, main, place);
    const { shift, ...dates } = place;
    const inits = Object.fromEntries([...made].map(([name, { init }]) => [name, init.name]));
    const rungs = described.plan.length > 0 ? ('wait' as const) : ('settled' as const);
    const way = { ...(main.picture && { picture: main.picture }), ...(isByProgram && { isByProgram }) };
    return { ...dates, segment: { shift, inits, rungs }, session: { ...described, ...way } };
  }

  private get before(): SessionSegment | undefined {
    const { kept, uploaded } = this.session.state;
    return kept[uploaded - 1];
  }

  private place(segment: SessionSegment, made: PackagedTracks, main: PackagedTrack): MediaTime {
    const { before } = this;
    const packaged = before?.packaged;
    if (before === undefined || packaged === undefined) return mediaTimeOf(main.times, segment, undefined);
    const isSameEncoding =
      this.hasNewKey || [...made].every(([name, { init }]) => (packaged.inits[name] ?? init.name) === init.name);
    return mediaTimeOf(main.times, segment, { ...before, shift: packaged.shift, isSameEncoding });
  }

  /** The ladder is chosen again for each encoding, by its first segment. */
  private described(made: PackagedTracks, main: PackagedTrack, place: MediaTime): PackagedSession {
    const { grant, cmaf } = this.session.state;
    const renditions = withMeasured(cmaf?.renditions ?? [], made, place.durationMs);
    const isSameEncoding =
      this.before?.packaged?.inits.source === main.init.name || (this.hasNewKey && !place.discontinuity);
    const keeps = cmaf !== undefined && isSameEncoding;
    const { width = 0, height = 0 } = main.init.track;
    const picture = { width, height, bitsPerSecond: (main.bytes.length * 8000) / place.durationMs };
    const plan = keeps
      ? cmaf.plan
      : this.deps.packaging?.jobs.makesLadders
        ? rungsFor(grant.ladder ?? 'none', picture)
        : [];
    return { renditions, plan: [...plan] };
  }

  private noteFailure({ index }: SessionSegment, error: ProgramError): void {
    const { session, deps } = this;
    deps.counters.packagingFailures += 1;
    this.failed = { index, tries: this.failed.index === index ? this.failed.tries + 1 : 1 };
    deps.log.warn('packaging_failed', { ...session.ref, index, tries: this.failed.tries, error: error.message });
    if (this.failed.tries === MAX_TRIES - 1) this.doesPackagerFail = true;
    if (this.failed.tries < MAX_TRIES) return;
    deps.log.warn('packaging_off', { ...session.ref, message: 'the session goes on with transport streams' });
    session.record({ kind: 'packaging_off' });
    deps.packaging?.states.unpackaged(session);
  }
}
