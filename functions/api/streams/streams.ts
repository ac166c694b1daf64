import { announce } from '../../app/events/announce';
import { commandKick, scheduleCutoff } from '../../app/publish/notify-node';
import { filterPage, passesFilter } from '../../app/streams/stream-list';
import type { CreateStream, StreamQuery } from '../../contract/api/stream-requests';
import type { PlatformEvent } from '../../contract/events';
import { StreamId, type StreamKey } from '../../contract/ids';
import type { Stream } from '../../contract/state';
import { assertChat } from '../../core/chat/settings';
import { streamCreated } from '../../core/events/events';
import { withPending } from '../../core/events/outbox';
import { ownerOf, type Principal, withinReach } from '../../core/identity/principal';
import { mintStreamKey } from '../../core/keys';
import { endsAll } from '../../core/publish/hot-backup';
import { sha256Hex } from '../../core/signing/hash';
import type { Ordered } from '../../core/streams/commands';
import { newStream } from '../../core/streams/new-stream';
import type { ApiDeps } from '../api-deps';
import { cursorPositionOf, decodeCursor, encodeCursor } from '../requests/cursor';
import { notFoundError } from '../requests/not-found-error';
import { withinQuota } from '../requests/quota';
import { assertMatch } from './etag';

/** 36^16 ids: one that is taken means the random source is broken. */
const MAX_TRIES = 3;

/** A new stream of the caller's, and its key, which is kept nowhere. */
export async function createStream(
  wanted: CreateStream,
  principal: Principal,
  deps: ApiDeps,
): Promise<{ stream: Stream; key: StreamKey }> {
  const { randomId, clock, reconnectWindowSeconds, packaging: offer } = deps;
  assertChat(wanted.chat, deps.chat.isOffered);
  const key = mintStreamKey(randomId);
  const made = {
    keyHash: sha256Hex(key),
    createdAt: clock.now(),
    owner: ownerOf(principal),
    reconnectWindowSeconds,
    offer,
  };
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const plain = newStream(wanted, { ...made, id: randomId(16) });
    const event = streamCreated(plain);
    const stream = withPending(plain, [event]);
    if (!(await createWithinQuota(stream, deps))) continue;
    await announce(stream.id, [event], deps);
    return { stream, key };
  }
  throw new Error(`no free stream id in ${MAX_TRIES} tries`);
}

/** False if the id is taken. The operator's streams have no owner, and no quota. */
function createWithinQuota(stream: Stream, { streamStore, quotas }: ApiDeps): Promise<boolean> {
  const { owner } = stream;
  const create = () => streamStore.createStream(stream);
  if (owner === undefined) return create();
  const count = () => streamStore.countStreams(owner);
  const takeBack = () => streamStore.deleteStream(stream.id);
  return withinQuota({ of: 'streams', whose: 'the publisher', allowed: quotas.streams, count, takeBack }, create);
}

/** The stream, if there is one the caller may know of; else `stream_not_found`. */
export async function findStream(id: StreamId, principal: Principal, { streamStore }: ApiDeps): Promise<Stream> {
  const stream = withinReach(principal, await streamStore.getStream(id));
  if (stream === undefined) throw notFoundError('id');
  return stream;
}

interface SortOrder {
  id: StreamId;
  principal: Principal;
  ifMatch?: string | undefined;
  decide: (stream: Stream) => Ordered;
  /** The event to send if the change has an effect. */
  event?: PlatformEvent;
}

/** Carries an order out, and has the node of a live session told. The stream as it is then. */
export async function commandStream(
  { id, principal, ifMatch, decide, event }: SortOrder,
  deps: ApiDeps,
): Promise<Stream> {
  const events = event === undefined ? [] : [event];
  const done = await deps.streamStore.changeStream<{ stream: Stream; ordered: Ordered } | undefined>(id, (current) => {
    const stream = withinReach(principal, current);
    if (stream === undefined) return { result: undefined };
    assertMatch(ifMatch, stream);
    const ordered = decide(stream);
    if (ordered.change === undefined) return { result: { stream, ordered } };
    const change = { ...ordered.change, stream: withPending(ordered.change.stream, events) };
    return { change, result: { stream: change.stream, ordered } };
  });
  if (done === undefined) throw notFoundError('id');
  const { kick, plan, change } = done.ordered;
  if (kick !== undefined) await commandKick(kick.session, kick.reason, deps);
  const { backup } = done.stream;
  // Unless it goes on in its place, as the store decides; the reconciler ends whom an order missed.
  if (kick !== undefined && backup !== undefined && endsAll(kick.reason))
    await commandKick({ nodeId: backup.nodeId, streamId: id, sessionId: backup.id }, kick.reason, deps);
  if (plan !== undefined) await scheduleCutoff(plan.session, plan.cutoff, deps);
  if (change !== undefined) await announce(id, events, deps);
  return done.stream;
}

const Place = cursorPositionOf(StreamId);

/** A page of the streams the caller may know of, newest first, and all nodes. */
export async function listStreams({ limit, cursor, ...filter }: StreamQuery, principal: Principal, deps: ApiDeps) {
  const nodes = await deps.streamStore.listNodes();
  const place = decodeCursor(cursor, Place);
  const after = place && { createdAt: place[0], id: place[1] };
  const read =
    filter.status === 'live' || filter.status === 'reconnecting'
      ? unfinished(principal, deps)
      : reachable(principal, deps);
  const { streams, next } = await filterPage(read, { limit, after }, passesFilter(filter, nodes, deps.clock.now()));
  return { streams, nodes, ...(next && { nextCursor: encodeCursor([next.createdAt, next.id]) }) };
}

type ReadPage = Parameters<typeof filterPage>[0];

function reachable(principal: Principal, { streamStore }: ApiDeps): ReadPage {
  const { reach } = principal;
  if (reach.kind === 'all') return streamStore.listStreams;
  if (reach.kind === 'owner') return (page) => streamStore.listStreams({ ...page, owner: reach.owner });
  return inMemory(async () =>
    (await Promise.all(reach.ids.map(streamStore.getStream))).filter((stream) => stream !== undefined),
  );
}

/** Only streams with a broadcast that is not closed can be live: there are far fewer. */
const unfinished = (principal: Principal, { streamStore }: ApiDeps): ReadPage =>
  inMemory(async () =>
    (await streamStore.listUnfinishedStreams()).filter((stream) => withinReach(principal, stream) !== undefined),
  );

function inMemory(all: () => Promise<Stream[]>): ReadPage {
  const sorted = all().then((streams) => streams.sort(byNewest));
  return async ({ limit, after }) =>
    (await sorted).filter((stream) => after === undefined || byNewest(after, stream) < 0).slice(0, limit);
}

type Listed = Pick<Stream, 'id' | 'createdAt'>;
const byNewest = (a: Listed, b: Listed): number =>
  b.createdAt - a.createdAt || (a.id < b.id ? 1 : Number(a.id > b.id) * -1);
