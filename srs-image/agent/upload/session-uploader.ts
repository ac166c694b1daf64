import { pauseAfter } from '../../../functions/app/backoff';
import { within } from '../../../functions/app/deadline';
import { SOURCE_RENDITION } from '../../../functions/contract/ids';
import { OBJECT_KINDS } from '../../../functions/contract/objects/cache';
import { segmentName, sessionPlaylistName } from '../../../functions/contract/objects/layout';
import { encodeMetadata } from '../../../functions/contract/objects/metadata';
import {
  encryptSegment,
  type SegmentEncryption,
  segmentEncryption,
} from '../../../functions/core/encryption/content-keys';
import type { Generation, ObjectStore, StoredObject, WriteResult } from '../../../functions/ports/stores';
import { describeMedia } from '../inspect/codecs';
import type { SrsMedia } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import type { Spool } from '../session/ports';
import type { NodeSession } from '../session/session';
import { sessionPlaylist } from '../session/session-playlist';
import { pendingOf, type SessionSegment } from '../session/session-state';
import { dateRangesOf } from '../session/timed-metadata';
import { lateBy } from '../session/timeline';
import { type CmafDeps, CmafSegments } from './cmaf-segments';
import type { Inspections } from './inspections';
import { RungMaker } from './rung-maker';
import type { Semaphore } from './semaphore';
import { nextJob, PLAYLIST_INTERVAL_MS, saying, type UploadProgress } from './upload-jobs';

export interface SessionUploaderDeps extends CmafDeps {
  ingest: ObjectStore;
  spool: Spool;
  /** Uploads at once over all sessions. */
  gate: Semaphore;
  /** Returns SRS's description of a publisher's tracks, once it has one. */
  mediaOf: (clientId: string) => SrsMedia | undefined;
  /** They look at each segment that was uploaded. */
  inspections: Pick<Inspections, 'take'>;
  /** Told of each segment that is in the bucket, `lagMs` after its end, and of each that never will be. */
  health: { uploaded: (session: NodeSession, lagMs: number) => void; lost: (session: NodeSession) => void };
}

const RETRIES = { firstMs: 250, lastMs: 5000 };
/**
 * Longer than the client's own limit with its retries: a request that never answers must not hold a stream for ever.
 */
const JOB_LIMIT_MS = 60_000;

/** Uploads one session in order: each segment, then the playlist that names it. */
export class SessionUploader {
  private progress: UploadProgress = { segmentDueAt: 0, playlistDueAt: 0 };
  private failures = 0;
  private generation: Generation | undefined;
  private readonly cmaf: CmafSegments;

  constructor(
    private readonly session: NodeSession,
    private readonly deps: SessionUploaderDeps,
  ) {
    // Nobody can have written before the first segment was taken; later only the store knows.
    this.generation = session.state.nextIndex === 0 ? '0' : undefined;
    this.cmaf = new CmafSegments(session, deps);
  }

  /** Until the session is finished, or `stop`; its rungs beside it. */
  async run(stop: AbortSignal): Promise<void> {
    const { session, deps } = this;
    const rungs =
      (session.state.grant.ladder ?? 'none') !== 'none' ? new RungMaker(session, deps).run(stop) : undefined;
    await Promise.all([this.uploads(stop), rungs]);
  }

  private async uploads(stop: AbortSignal): Promise<void> {
    const { session, deps } = this;
    while (!stop.aborted && !session.state.finished) {
      const job = nextJob(session.state, this.progress, deps.clock.now());
      if (job.kind === 'segment') await this.attempt('segmentDueAt', () => this.uploadSegment());
      else if (job.kind === 'playlist') await this.attempt('playlistDueAt', () => this.writePlaylist());
      else if (job.kind === 'finish') await this.finish();
      else if (job.kind === 'wait') await this.pause(job.ms);
      else await session.changed.wait();
    }
  }

  /** For so long, or until something changes; the timer goes with it. */
  private async pause(ms: number): Promise<void> {
    const changed = new AbortController();
    const change = this.session.changed.wait().then(() => changed.abort());
    await Promise.race([this.deps.clock.sleep(ms, changed.signal), change]);
  }

  private async finish(): Promise<void> {
    const { waiting } = this.session.state;
    // No segment came after it: it was sent as the publisher left.
    if (waiting.length > 0)
      this.deps.log.warn('timed_metadata_lost', { ...this.session.ref, ids: waiting.map(({ id }) => id) });
    try {
      this.session.record({ kind: 'finished' });
    } catch (error) {
      this.deps.log.error('journal_failed', { ...this.session.ref, error });
      await this.deps.clock.sleep(RETRIES.lastMs);
    }
  }

  private async attempt(due: 'segmentDueAt' | 'playlistDueAt', job: () => Promise<void>): Promise<void> {
    const { clock, gate, log, counters } = this.deps;
    const limit = { clock, limitMs: JOB_LIMIT_MS, what: 'Cloud Storage' };
    try {
      await gate.run(() => within(limit, job()));
      if (this.failures > 0) log.info('upload_recovered', { ...this.session.ref, failures: this.failures });
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      const delayMs = pauseAfter(RETRIES, this.failures);
      counters.storageRetries += 1;
      this.progress = { ...this.progress, [due]: clock.now() + delayMs };
      // Once: a store that is away for an hour would fill the log.
      if (this.failures === 1) log.warn('upload_failed', { ...this.session.ref, error: reasonOf(error) });
    }
  }

  private async uploadSegment(): Promise<void> {
    const { session, deps } = this;
    const segment = pendingOf(session.state)[0];
    if (segment === undefined) return;
    const bytes = deps.spool.read(session.ref, segment.index);
    const name = this.nameOfNext();
    if (bytes === undefined) return this.giveUp(segment, await deps.delivery(session.state.grant.policy).stat(name));
    const isCmaf = this.cmaf.isWanted;
    const packaged = isCmaf ? await this.cmaf.upload(segment, bytes) : undefined;
    if (!isCmaf) await this.putTransportStream(name, segment, bytes);
    this.describe(segment, bytes);
    deps.inspections.take(session, bytes, segment.format);
    deps.counters.uploadedSegments += 1;
    const lagMs = lateBy(segment, deps.clock.now());
    deps.counters.uploadLag.observe(lagMs / 1000);
    deps.health.uploaded(session, lagMs);
    session.uploaded(segment.index, packaged);
    this.progress = { ...this.progress, nextSegmentAt: deps.clock.now() + segment.durationMs };
  }

  private nameOfNext(): string {
    const { grant, firstNumber, uploaded } = this.session.state;
    return segmentName({ ...grant, rendition: SOURCE_RENDITION, number: firstNumber + uploaded });
  }

  private async putTransportStream(name: string, segment: SessionSegment, media: Uint8Array): Promise<void> {
    const { session, deps } = this;
    const { grant } = session.state;
    const store = deps.delivery(grant.policy);
    const { bytes, encryption } = this.encrypted(media);
    const result = await store.write(name, bytes, {
      ...OBJECT_KINDS.segment,
      metadata: encodeMetadata({ ...segmentMetadata(segment), ...encryption }),
      ifGenerationMatch: '0',
      ...(grant.recording ? {} : { customTime: new Date(deps.clock.now()) }),
    });
    if (result.kind === 'rate_limited') throw new Error('rate limited');
    if (result.kind === 'conflict') await this.checkOwn(store, name, bytes.length);
    deps.counters.uploadedBytes += bytes.length;
  }

  /** The segment as it is stored: whole in AES-128 where the session is encrypted. */
  private encrypted(media: Uint8Array): { bytes: Uint8Array; encryption?: SegmentEncryption } {
    const { grant, encryption, firstNumber, uploaded } = this.session.state;
    if (encryption === undefined) return { bytes: media };
    const segment = { ...grant, number: firstNumber + uploaded };
    return {
      bytes: encryptSegment(media, segment, encryption),
      encryption: segmentEncryption(segment, encryption),
    };
  }

  /** Does not wait for a missing file, which would hold up every later segment. An earlier try may have uploaded it. */
  private giveUp({ index, seqNo }: SessionSegment, there: StoredObject | undefined): void {
    const { session, deps } = this;
    if (there !== undefined) {
      session.uploaded(index);
      return;
    }
    session.vanished(index);
    deps.counters.lostSegments += 1;
    deps.health.lost(session);
    deps.log.error('segment_lost', { ...session.ref, seqNo, reason: 'it is not in the spool any more' });
  }

  /**
   * There already: our own earlier try, whose answer was lost. Anything else would be a second writer of this session.
   */
  private async checkOwn(store: ObjectStore, name: string, bytes: number): Promise<void> {
    const there = await store.stat(name);
    if (there?.sizeBytes !== bytes) {
      this.deps.log.error('segment_differs', { ...this.session.ref, name, bytes, there: there?.sizeBytes });
    }
  }

  /** Describes the media again whenever it changes; SRS is asked about what could not be read, until it knows. */
  private describe(segment: SessionSegment, bytes: Uint8Array): void {
    const { media, client } = this.session.state;
    const srs =
      segment.media === undefined && media.codecs === undefined ? this.deps.mediaOf(client.clientId) : undefined;
    const described = segment.media ?? (srs && describeMedia(bytes, srs)) ?? media;
    if (JSON.stringify(described) !== JSON.stringify(media)) this.session.record({ kind: 'media', media: described });
  }

  private async writePlaylist(): Promise<void> {
    const { session, deps } = this;
    const content = sessionPlaylist(session.state);
    if (content === undefined) return;
    const said = saying(session.state);
    const name = sessionPlaylistName({ ...session.ref, rendition: SOURCE_RENDITION });
    this.generation ??= (await deps.ingest.stat(name))?.generation ?? '0';
    const result = await deps.ingest.write(name, content.text, {
      ...OBJECT_KINDS.sessionPlaylist,
      metadata: encodeMetadata({ ...content.metadata, ...this.writtenAt() }),
      ifGenerationMatch: this.generation,
    });
    this.settle(result, said);
  }

  /** With hot backup the node's clock is compared with that of the other node. */
  private writtenAt(): { writtenAt?: number } {
    return this.session.state.grant.role === undefined ? {} : { writtenAt: this.deps.clock.now() };
  }

  private settle(result: WriteResult, said: string): void {
    const playlistDueAt = this.deps.clock.now() + PLAYLIST_INTERVAL_MS;
    if (result.kind === 'written') {
      this.generation = result.generation;
      this.deps.counters.playlistWrites += 1;
      this.progress = { ...this.progress, said, playlistDueAt };
    } else if (result.kind === 'rate_limited') {
      this.progress = { ...this.progress, playlistDueAt };
    } else {
      // An earlier try arrived after all: write over it.
      this.generation = undefined;
    }
  }
}

const segmentMetadata = (segment: SessionSegment) => ({
  durationMs: segment.durationMs,
  programDateTime: new Date(segment.programDateTimeMs).toISOString(),
  discontinuity: segment.discontinuity,
  ...(segment.ranges && { dateRanges: dateRangesOf(segment) }),
});
