import { within } from '../../app/deadline';
import type { HealthAnswer, HealthCheck } from '../../contract/api/operations';
import { indexName } from '../../contract/objects/layout';
import type { Node, Stream } from '../../contract/state';
import { isNodeAlive, statusOf } from '../../core/publish/liveness';
import type { ApiDeps } from '../api-deps';
import { playbackUrl } from '../streams/stream-answer';

/** A prober gives up soon after. */
const CHECK_LIMIT_MS = 2000;
/** Anybody may ask: nobody makes us knock on other doors more often than this. */
const REMEMBERED_MS = 3000;

/**
 * Looks at everything the service stands on, at most once in a few seconds: who asks meanwhile gets the same answer.
 */
export function healthChecks(deps: ApiDeps): () => Promise<HealthAnswer> {
  let last: { at: number; answer: Promise<HealthAnswer> } | undefined;
  return () => {
    if (last === undefined || deps.clock.now() - last.at >= REMEMBERED_MS)
      last = { at: deps.clock.now(), answer: checkHealth(deps) };
    return last.answer;
  };
}

async function checkHealth(deps: ApiDeps): Promise<HealthAnswer> {
  const [firestore, storage, nodes, rtmp, hls] = await Promise.all([
    check('firestore', () => deps.streamStore.getNode('health'), deps),
    check('storage', () => deps.delivery('open').stat('health'), deps),
    check('nodes', () => countOrigins(deps), deps),
    check('rtmp', () => deps.probes.rtmp(deps.rtmpServer), deps),
    check('hls', () => lookAtNewest(deps), deps),
  ]);
  const up = nodes.found ?? 0;
  const checks = {
    firestore: firestore.check,
    storage: storage.check,
    nodes: { ...nodes.check, state: up > 0 ? ('ok' as const) : ('down' as const), up },
    rtmp: rtmp.check,
    hls: { ...hls.check, state: hls.found === 'idle' ? ('idle' as const) : hls.check.state },
  };
  return { status: overall(checks), checks };
}

async function countOrigins({ streamStore, clock }: ApiDeps): Promise<number> {
  const nodes = await streamStore.listNodes();
  return nodes.filter((node) => node.role === 'origin' && isNodeAlive(node, clock.now())).length;
}

function overall({ firestore, storage, ...others }: HealthAnswer['checks']): HealthAnswer['status'] {
  if (firestore.state === 'down' || storage.state === 'down') return 'down';
  return Object.values(others).some(({ state }) => state === 'down') ? 'degraded' : 'ok';
}

/** `idle` when no open stream is live: nobody can read a gated one without a grant. */
async function lookAtNewest(deps: ApiDeps): Promise<'idle' | 'seen'> {
  const [streams, nodes] = await Promise.all([deps.streamStore.listUnfinishedStreams(), deps.streamStore.listNodes()]);
  const live = streams.filter((stream) => stream.policy === 'open' && isSettled(stream, nodes, deps.clock.now()));
  const [newest] = live.sort((a, b) => (b.session?.startedAt ?? 0) - (a.session?.startedAt ?? 0));
  if (newest === undefined) return 'idle';
  await deps.probes.hls(playbackUrl(indexName('open', newest.id), deps));
  return 'seen';
}

/** Before its first segment a stream has no playlist, and that is no fault. */
const FIRST_SEGMENT_MS = 15_000;
const isSettled = (stream: Stream, nodes: readonly Node[], nowMs: number): boolean =>
  statusOf(
    stream,
    nodes.find(({ id }) => id === stream.session?.nodeId),
    nowMs,
  ) === 'live' && nowMs - (stream.session?.startedAt ?? nowMs) >= FIRST_SEGMENT_MS;

async function check<T>(
  what: string,
  work: () => Promise<T>,
  { clock, log }: ApiDeps,
): Promise<{ check: HealthCheck; found?: T }> {
  const startedAt = clock.now();
  const taken = () => ({ latencyMs: clock.now() - startedAt });
  try {
    const found = await within({ clock, limitMs: CHECK_LIMIT_MS, what }, work());
    return { check: { state: 'ok', ...taken() }, found };
  } catch (error) {
    log.error('health_check_failed', { what, error });
    return { check: { state: 'down', ...taken() } };
  }
}
