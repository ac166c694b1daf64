import { within } from '../app/deadline';
import { runInvalidations } from '../app/delivery/invalidations';
import { repairSteering } from '../app/delivery/keep-steering';
import { doMediaWork } from '../app/delivery/media-work';
import { inParallel } from '../app/in-parallel';
import { commandKick } from '../app/publish/notify-node';
import type { Stream } from '../contract/state';
import { strayPublishers } from '../core/publish/reconcile';
import { guarded, type Handler, type HandlerDeps } from '../http/http-handler';
import { expireMedia } from './expire-media';
import { expireRecordings, type RetentionDeps } from './expire-recordings';
import { type KeepNodesDeps, keepNodes, type NodeCounts } from './keep-nodes';
import { type Counts, reconcileStream, type ReconcileStreamDeps as StreamDeps } from './reconcile-stream';
import { announceEvents } from './tell-events';

/** Streams side by side: a pass over hundreds has to end within its minute. */
const PARALLEL_STREAMS = 8;
/**
 * A stream that takes longer goes on meanwhile, and is looked at again in the next pass: what is done is idempotent.
 */
const ATTEMPT_LIMIT_MS = 30_000;

export type ReconcilerDeps = StreamDeps & Pick<KeepNodesDeps, 'nodeGroup'> & Pick<RetentionDeps, 'recordingDays'>;

type PassCounts = Counts &
  NodeCounts &
  Record<'streams' | 'kicked' | 'expired' | 'mediaWork' | 'invalidated' | 'resent' | 'lostNodes' | 'failed', number>;

/**
 * One pass, at any request: makes durable what heartbeats say, repairs what events lost, finishes broadcasts, removes
 * media that expired. Safe when two run at once. A stream that fails is logged and does not stop the others; the answer
 * is then 500, so that the failure is seen.
 */
export function reconcilerHandler(deps: ReconcilerDeps & HandlerDeps): Handler {
  return guarded(async () => {
    const counts = await reconcile(deps);
    deps.log.info('reconciled', { ...counts });
    return Response.json(counts, { status: counts.failed === 0 ? 200 : 500 });
  }, deps);
}

async function reconcile(deps: ReconcilerDeps): Promise<PassCounts> {
  // In this order: `strayPublishers` says why.
  const nodes = await deps.streamStore.listNodes();
  const streams = await deps.streamStore.listUnfinishedStreams();
  const counts: PassCounts = {
    streams: streams.length,
    kicked: 0,
    changed: 0,
    merged: 0,
    finished: 0,
    waiting: 0,
    mediaWork: 0,
    invalidated: 0,
    expired: 0,
    resent: 0,
    lostNodes: 0,
    drained: 0,
    takenAway: 0,
    forgotten: 0,
    failed: 0,
  };
  await doAllMediaWork(counts, deps);
  await inParallel(streams, PARALLEL_STREAMS, async (stream) => {
    const done = await attempt({ streamId: stream.id }, () => reconcileStream(stream, nodes, deps), deps);
    if (done === undefined) counts.failed += 1;
    else addUp(counts, done);
  });
  await inParallel(
    await deps.streamStore.listStreamsWithExpired(deps.clock.now()),
    PARALLEL_STREAMS,
    async (stream) => {
      const done = await attempt({ streamId: stream.id }, () => expireAll(stream, deps), deps);
      if (done === undefined) counts.failed += 1;
      else counts.expired += done;
    },
  );
  for (const kick of strayPublishers(nodes, streams, deps.clock.now())) {
    const done = await attempt({ ...kick }, () => commandKick(kick, 'not_the_newest', deps), deps);
    if (done === undefined) counts.failed += 1;
    else counts.kicked += done ? 1 : 0;
  }
  const { bus } = deps;
  // Events first: a node that was lost is told of before it is forgotten.
  if (bus !== undefined)
    note(counts, await attempt({ what: 'events' }, () => announceEvents(nodes, { ...deps, bus }), deps));
  note(counts, await attempt({ what: 'nodes' }, () => keepNodes(nodes, deps), deps));
  const { cdns = [] } = deps;
  note(counts, await attempt({ what: 'steering' }, () => repairSteering({ ...deps, cdns }).then(() => ({})), deps));
  return counts;
}

const expireAll = async (stream: Stream, deps: ReconcilerDeps): Promise<number> =>
  (await expireMedia(stream, deps)) + (await expireRecordings(stream, deps));

/**
 * Before broadcasts are finished: what was taken down gets no recording. Those that failed are there in the next pass,
 * too.
 */
async function doAllMediaWork(counts: PassCounts, deps: ReconcilerDeps): Promise<void> {
  for (const stream of await deps.streamStore.listStreamsWithMediaWork()) {
    const done = await attempt({ streamId: stream.id }, () => doMediaWork(stream, deps).then(() => true), deps);
    if (done === undefined) counts.failed += 1;
    else counts.mediaWork += 1;
  }
  const done = await attempt({ what: 'invalidations' }, () => runInvalidations(deps), deps);
  if (done === undefined) counts.failed += 1;
  else counts.invalidated = done.invalidated;
}

function note(counts: PassCounts, done: Partial<PassCounts> | undefined): void {
  if (done === undefined) counts.failed += 1;
  else Object.assign(counts, done);
}

/** Returns the result of `work`; `undefined`, and a line in the log, if it fails. */
async function attempt<T>(
  about: Record<string, unknown>,
  work: () => Promise<T>,
  { log, clock }: ReconcilerDeps,
): Promise<T | undefined> {
  try {
    return await within({ clock, limitMs: ATTEMPT_LIMIT_MS, what: 'what was to be reconciled' }, work());
  } catch (error) {
    log.error('reconcile_failed', { ...about, error });
    return undefined;
  }
}

function addUp(counts: PassCounts, done: Counts): void {
  counts.changed += done.changed;
  counts.merged += done.merged;
  counts.finished += done.finished;
  counts.waiting += done.waiting;
}
