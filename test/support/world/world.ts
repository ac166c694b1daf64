import type { MemoryEntry } from '../../../functions/adapters/memory/object-store';
import { finishBroadcast, mergeSession } from '../../../functions/app/delivery/finish-broadcast';
import { removePlaylists, removeSegments } from '../../../functions/app/delivery/remove-media';
import type { BroadcastId, SessionId } from '../../../functions/contract/ids';
import {
  indexName,
  livePlaylistName,
  ordinalOf,
  recordingName,
  segmentPrefix,
  urlPathOf,
} from '../../../functions/contract/objects/layout';
import type { Session } from '../../../functions/contract/state';
import { hlsPublisherHandler } from '../../../functions/hls-publisher/handler';
import type { Log } from '../../../functions/ports/stores';
import { virtualClock } from '../virtual-clock';
import { type SessionPlan, uploadSession } from './encoder-model';
import { type ObservedStore, observedStore } from './observed-store';
import { oracle, type Violation } from './oracle';
import { type Plant, planted } from './plants';
import { type Random, seededRandom } from './random';

const STREAM = { id: 'abcdefgh01234567', policy: 'open', recording: true } as const;
const RENDITION = 'source';
const INGEST = 'ingest';
const WINDOW_MS = 15_000;
/**
 * Hours in the cloud: here only longer than the latest event takes, so that the next broadcast may begin right then.
 */
const EXPIRY_MS = 200_000;

interface BroadcastPlan {
  id: BroadcastId;
  sessions: SessionPlan[];
  endsAtMs: number;
  /** False: the media is removed a while after the end. */
  recorded: boolean;
}

/**
 * Returns the publishes of a run: sessions that follow or overrun each other within the window, then perhaps a second
 * broadcast.
 */
function plan(random: Random): BroadcastPlan[] {
  const broadcasts: BroadcastPlan[] = [];
  let at = 0;
  let ordinal = 0;
  for (let count = random.int(1, 2); count > 0; count--) {
    const sessions: SessionPlan[] = [];
    const id: BroadcastId = `b${ordinal + 1}-aaaaaaa${broadcasts.length}`;
    for (let each = random.int(1, 3); each > 0; each--) {
      ordinal += 1;
      const segments = Array.from({ length: random.int(1, 12) }, () => ({
        durationMs: random.chance(0.03) ? 4200 : random.int(1700, 2300),
        discontinuity: random.chance(0.05),
      }));
      const sessionId: SessionId = `${ordinal}-bbbbbbb${ordinal}`;
      const length = segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
      const policy = STREAM.policy;
      const saysEnded = random.chance(0.8);
      sessions.push({
        policy,
        streamId: STREAM.id,
        sessionId,
        broadcastId: id,
        windowSeconds: 12,
        startsAtMs: at,
        segments,
        saysEnded,
        isFinal: each === 1 && random.chance(0.5),
      });
      // A takeover begins before the old publisher is done, a return a little after.
      at += random.chance(0.3) ? Math.floor(length / 2) : length + random.int(500, 8000);
    }
    const longest = Math.max(...sessions.map(({ startsAtMs, segments }) => startsAtMs + segments.length * 2500));
    const recorded = random.chance(0.7);
    broadcasts.push({ id, sessions, endsAtMs: Math.max(at, longest), recorded });
    at = Math.max(at, longest) + WINDOW_MS + random.int(0, 10_000);
    if (!recorded && random.chance(0.5)) at += EXPIRY_MS - 10_000 + random.int(0, 20_000);
  }
  return broadcasts;
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const eventOf = ({ name, generation, sizeBytes }: MemoryEntry, id: string): Request =>
  new Request('http://hls-publisher/', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'ce-id': id,
      'ce-specversion': '1.0',
      'ce-type': 'google.cloud.storage.object.v1.finalized',
      'ce-source': `//storage.googleapis.com/projects/_/buckets/${INGEST}`,
      'ce-subject': `objects/${name}`,
    },
    body: JSON.stringify({ bucket: INGEST, name, generation, size: String(sizeBytes) }),
  });

const delayOf = (random: Random): number =>
  random.chance(0.7) ? random.int(20, 1500) : random.chance(0.8) ? random.int(1500, 4000) : random.int(4000, 20_000);

export interface WorldResult {
  violations: Violation[];
  /** The number of wake-ups in the run: they make the interleavings. */
  steps: number;
  /** Versions written of live playlists. */
  versions: number;
}

/**
 * One run of the real handlers over buckets with preconditions, in virtual time: events late, doubled, out of order and
 * lost, two instances of each handler at once. The seed decides everything.
 */
export async function runWorld(seed: number, plant?: Plant): Promise<WorldResult> {
  const random = seededRandom(seed);
  const clock = virtualClock();
  const instances: ReturnType<typeof hlsPublisherHandler>[] = [];
  let versions = 0;
  let events = 0;
  let pendingEvents = 0;

  const deliver = async (entry: MemoryEntry) => {
    pendingEvents += 1;
    await clock.sleep(delayOf(random));
    const handler = instances[random.int(0, instances.length - 1)];
    for (let attempt = 0; attempt < 10; attempt++) {
      events += 1;
      const answer = await handler?.(eventOf(entry, String(events)));
      if (answer?.ok) {
        judge.onTaken(entry);
        break;
      }
      await clock.sleep(10_000);
    }
    pendingEvents -= 1;
  };
  const ingest = observedStore({
    clock,
    random,
    onWrite: (entry) => {
      if (random.chance(0.2)) return;
      for (let copies = random.chance(0.2) ? 2 : 1; copies > 0; copies--) void deliver(entry);
    },
  });
  const delivery: ObservedStore = observedStore({
    clock,
    random,
    onWrite: (entry, before) => {
      versions += entry.name.endsWith('/source.m3u8') ? 1 : 0;
      judge.onWrite(entry, before);
    },
    onRemove: (name) => judge.onRemove(name),
  });
  const judge = oracle(() => delivery.bucket);
  const buckets = planted(plant, { ingest, delivery });
  const deps = { ingest: buckets.ingest, delivery: () => buckets.delivery, clock, log: silent };
  for (let count = 2; count > 0; count--) {
    instances.push(hlsPublisherHandler({ ...deps, ingestBucket: INGEST, randomId: () => 'request-id' }));
  }

  const broadcasts = plan(random);
  const uploads = broadcasts.map(({ sessions }) =>
    Promise.all(sessions.map((session) => uploadSession({ clock, random, ingest, delivery }, session))),
  );
  const start = clock.now();

  const repair = async (broadcast: BroadcastPlan) => {
    const due = start + broadcast.endsAtMs + WINDOW_MS;
    while (clock.now() < due) {
      await clock.sleep(10_000);
      for (const { sessionId } of broadcast.sessions)
        await mergeSession(deps, { streamId: STREAM.id, sessionId }).catch(() => undefined);
    }
    await uploads[broadcasts.indexOf(broadcast)];
    const finish = () =>
      finishBroadcast(deps, {
        stream: { ...STREAM, recording: broadcast.recorded },
        broadcastId: broadcast.id,
        sessions: broadcast.sessions.map(sessionOf),
      });
    const retried = async () => {
      for (let attempt = 0; attempt < 5; attempt++) {
        const done = await finish().then(
          () => true,
          () => false,
        );
        if (done) return;
        await clock.sleep(60_000);
      }
    };
    await Promise.all(random.chance(0.5) ? [retried(), retried()] : [retried()]);
    if (broadcast.recorded) return;
    await clock.sleep(EXPIRY_MS);
    const expire = async () => {
      await removePlaylists(deps, STREAM, broadcast.id);
      for (const { sessionId } of broadcast.sessions) await removeSegments(deps, STREAM, sessionId);
    };
    await Promise.all(random.chance(0.5) ? [expire(), expire()] : [expire()]);
  };
  const repairs = broadcasts.map(repair);
  const steps = await clock.run();
  await Promise.all(repairs);

  const violations = [...judge.violations, ...judgeEnd(broadcasts, delivery, judge.history)];
  if (pendingEvents > 0)
    violations.push({ invariant: 3, name: 'events', message: `${pendingEvents} were never acknowledged` });
  return { violations, steps, versions };
}

function sessionOf({ sessionId, streamId, broadcastId, startsAtMs }: SessionPlan): Session {
  const ids = { nodeId: 'node-1', serviceId: 'service', clientId: 'client' };
  return { id: sessionId, streamId, broadcastId, ordinal: ordinalOf(sessionId), ...ids, startedAt: startsAtMs };
}

/** Invariants 3 and 5, and what the recording owes: judged once all is quiet. */
function judgeEnd(
  broadcasts: readonly BroadcastPlan[],
  delivery: ObservedStore,
  history: (name: string) => readonly string[],
): Violation[] {
  const text = (name: string) => delivery.bucket.entry(name)?.content.toString('utf8') ?? '';
  const left = (names: readonly string[]) => names.filter((each) => delivery.bucket.entry(each) !== undefined);
  const violations = broadcasts.flatMap(({ id, sessions, recorded: isRecorded }): Violation[] => {
    const ref = { policy: STREAM.policy, streamId: STREAM.id, broadcastId: id, rendition: RENDITION };
    const name = livePlaylistName(ref);
    const report = (message: string): Violation => ({ invariant: 3, name, message });
    const newest = sessions.at(-1);
    const last = urlPathOf(
      `${segmentPrefix({ ...ref, sessionId: newest?.sessionId ?? '1-', rendition: RENDITION })}${(newest?.segments.length ?? 0) - 1}.ts`,
    );
    const all = sessions.flatMap(({ sessionId, segments }) =>
      segments.map((_, number) =>
        urlPathOf(`${segmentPrefix({ ...ref, sessionId, rendition: RENDITION })}${number}.ts`),
      ),
    );
    const recorded = text(recordingName(ref))
      .split('\n')
      .filter((line) => line.endsWith('.ts'));
    const live = history(name).filter((uri) => uri !== undefined);
    return [
      ...(!isRecorded || text(name).endsWith('#EXT-X-ENDLIST\n') ? [] : [report('has no ENDLIST at the end')]),
      ...(isRecorded || left([name, ...all.map((uri) => uri.slice(1))]).length === 0
        ? []
        : [report('has media that expired')]),
      ...(live.at(-1) === last ? [] : [report(`ends with ${live.at(-1)}, the newest segment is ${last}`)]),
      ...(isSubsequence(live, all)
        ? []
        : [{ ...report('does not keep the order of the sessions'), invariant: 5 as const }]),
      ...(recorded.join('\n') === (isRecorded ? all : []).join('\n')
        ? []
        : [report(`the recording has ${recorded.length} segments of ${all.length}`)]),
    ];
  });
  const index = indexName(STREAM.policy, STREAM.id);
  const newest = broadcasts.at(-1);
  const isShown = newest?.recorded === true ? text(index).includes(newest.id) : text(index) === '';
  return isShown
    ? violations
    : [
        ...violations,
        { invariant: 3, name: index, message: `does not show ${newest?.id}, or shows it though it is gone` },
      ];
}

const isSubsequence = (part: readonly string[], whole: readonly string[]): boolean => {
  let at = -1;
  return part.every((item) => {
    at = whole.indexOf(item, at + 1);
    return at >= 0;
  });
};
