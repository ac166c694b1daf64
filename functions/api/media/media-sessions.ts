import { rightToPlay } from '../../app/grants/right-to-play';
import type { GuessLimiter } from '../../app/guess-limiter';
import { tellFinal } from '../../app/publish/tell-final';
import type { NodeRefusal, RtcKind } from '../../contract/hooks/media';
import type { SessionId, StreamId } from '../../contract/ids';
import type { Stream } from '../../contract/state';
import { publishingModeOf } from '../../core/budget/publishing-mode';
import { defined } from '../../core/defined';
import { edgesToPlayFrom, markOf } from '../../core/edges/edge-state';
import { DomainError } from '../../core/errors';
import { OPERATOR } from '../../core/identity/principal';
import { isTakenOver, refusalToPublish } from '../../core/publish/may-publish';
import { nodesToPublishTo, nodeToPlayFrom, type ReachableNode } from '../../core/publish/node-selection';
import { stopSession } from '../../core/streams/commands';
import { checkedOffer } from '../../core/webrtc/offer';
import { errorOfRefusal, isOfThisNodeOnly } from '../../core/webrtc/refusal';
import type { MediaNodes } from '../../ports/media-nodes';
import type { ApiDeps } from '../api-deps';
import { notFoundError } from '../requests/not-found-error';
import { commandStream } from '../streams/streams';

export interface MediaSessionDeps extends ApiDeps {
  nodes: MediaNodes;
  /** Counts wrong stream keys. */
  guessLimiter: GuessLimiter;
}

/** An offer of a browser. `secret`: a stream key to publish, a play token to play. */
export interface Offered {
  kind: RtcKind;
  streamId: StreamId;
  secret: string | undefined;
  address: string;
  sdp: string;
  /** The session of a publisher that comes back by itself. */
  continues?: SessionId | undefined;
  /** The edge that is to play, by its mark; @default the one with the most room */
  edge?: string | undefined;
}

/**
 * A session that was opened. `id` names it to the client that was given it, `sessionId` is the publish in the stream
 * store.
 */
export interface Opened {
  id: string;
  sessionId?: SessionId | undefined;
  sdp: string;
  stream: Stream;
}

/** A node that is asked and does not do it costs the caller seconds. */
const MAX_NODES = 3;

/** Opens a WebRTC session on the right node: the live one to play, the least loaded one to publish. */
export async function openSession(offered: Offered, deps: MediaSessionDeps): Promise<Opened> {
  const stream = await deps.streamStore.getStream(offered.streamId);
  const nodes =
    offered.kind === 'publish' ? await placesFor(stream, offered, deps) : await placesToPlay(stream, offered, deps);
  if (stream === undefined) throw notFoundError('id');
  const { kind, streamId, secret, address } = offered;
  const sdp = checkedOffer(offered.sdp, kind);
  const offer = { kind, streamId, address, sdp, ...defined({ secret }) };
  let refusal: NodeRefusal = { error: 'unavailable', message: 'no node accepts media now: try again' };
  for (const { id, reach } of nodes.slice(0, MAX_NODES)) {
    const outcome = await deps.nodes.offer(reach.agentUrl, offer).catch((error: unknown) => silent(id, error, deps));
    if (outcome.kind === 'answered') {
      const { session, ...answer } = outcome.answer;
      return { ...answer, id: `${markOf(id)}-${session}`, stream };
    }
    refusal = outcome;
    if (!isOfThisNodeOnly(outcome) && !(kind === 'play' && outcome.error === 'not_live')) break;
  }
  throw errorOfRefusal(refusal);
}

/**
 * Ends a session for a client that has its id, and the secret it was opened with. A publisher that says so is done: its
 * broadcast is over at once, without a reconnect window, unless another publisher has followed it.
 */
export async function endSession(
  { kind, streamId, secret, id }: Omit<Offered, 'sdp' | 'address'> & { id: string },
  deps: MediaSessionDeps,
): Promise<void> {
  const [, mark, session] = /^([0-9a-f]{8})-([a-z0-9]{32})$/.exec(id) ?? [];
  const node = (await deps.streamStore.listNodes()).find((each) => markOf(each.id) === mark);
  if (session === undefined || node?.reach === undefined)
    throw new DomainError('session_not_found', 'there is no such session');
  const end = { kind, streamId, session, ...defined({ secret }) };
  const outcome = await deps.nodes
    .end(node.reach.agentUrl, end)
    .catch((error: unknown) => silent(node.id, error, deps));
  if (outcome.kind === 'refused') throw errorOfRefusal(outcome);
  const { sessionId } = outcome;
  if (kind === 'play' || sessionId === undefined) return;
  const decide = (stream: Stream) => stopSession(stream, sessionId, deps.clock.now());
  const stream = await commandStream({ id: streamId, principal: OPERATOR, decide }, deps);
  if (stream.session?.id === sessionId) await tellFinal(stream, deps);
}

/** Returns nodes for a publisher that SRS's hook will accept. */
async function placesFor(
  stream: Stream | undefined,
  offered: Offered,
  deps: MediaSessionDeps,
): Promise<readonly ReachableNode[]> {
  const { streamStore, clock, budgetStage, ingests } = deps;
  const nodes = nodesToPublishTo(await streamStore.listNodes(), clock.now(), ingests?.[0]?.region);
  const { secret: key, address, continues } = offered;
  const node = nodes[0] ?? { id: 'none', serviceId: '' };
  const refusal = refusalToPublish(stream, {
    key,
    address,
    node,
    publishingMode: publishingModeOf(await budgetStage()),
    at: clock.now(),
  });
  const isHeld = refusal === undefined || refusal.error === 'takeover_limit';
  if (isHeld && stream !== undefined && continues !== undefined && isTakenOver(stream, continues))
    throw new DomainError('publisher_replaced', 'another publisher has taken the stream over, and is live');
  if (refusal === undefined) return nodes;
  if (refusal.error === 'wrong_key' || refusal.error === 'unknown_stream') {
    await slowDown(offered, deps);
    throw new DomainError('unauthenticated', 'the stream does not exist, or the key is wrong');
  }
  throw errorOfRefusal({ error: refusal.error, message: refusal.message });
}

/** Returns the nodes that have the stream: edges first, the one that is asked for before all, and its origin last. */
async function placesToPlay(
  stream: Stream | undefined,
  { secret: token, edge }: Offered,
  deps: MediaSessionDeps,
): Promise<ReachableNode[]> {
  const { streamStore, clock } = deps;
  if (stream === undefined) throw unknownToViewers();
  await assertPlayable(stream, token, deps);
  if (stream.suspended !== undefined) throw new DomainError('stream_suspended', 'the stream is suspended');
  const { session } = stream;
  const node = session && (await streamStore.getNode(session.nodeId));
  const origin = nodeToPlayFrom(stream, node === undefined ? [] : [node], clock.now());
  if (session === undefined || origin === undefined) throw new DomainError('not_live', 'the stream is not live');
  if (origin.pushes === undefined) return [origin];
  const copied = { streamId: stream.id, sessionId: session.id };
  const edges = edgesToPlayFrom(copied, origin, await streamStore.listNodes(), clock.now());
  const named = edges.filter(({ id }) => markOf(id) === edge);
  const inOrder = [...named, ...edges.filter((each) => !named.includes(each))];
  return [...inOrder.slice(0, MAX_NODES - 1), origin];
}

/**
 * Throws the same error for every request without a valid token, so that nobody learns whether a gated stream exists.
 */
async function assertPlayable(
  stream: Stream,
  token: string | undefined,
  { grants, clock }: MediaSessionDeps,
): Promise<void> {
  const rights = { keys: grants.signer.tokenKeys, grants: grants.store };
  const right = await rightToPlay(stream, { token, nowMs: clock.now() }, rights);
  if (right.kind === 'refused') throw unknownToViewers();
  if (right.kind === 'ended') throw new DomainError('grant_ended', right.message);
}

const unknownToViewers = () =>
  new DomainError(
    'stream_not_found',
    'the stream does not exist, or it needs a play token that is its own and has not expired',
  );

/** A stream that is not there is refused as slowly as a wrong key: how long it takes says nothing. */
async function slowDown({ address, streamId }: Offered, { guessLimiter, log }: MediaSessionDeps): Promise<void> {
  const { alert } = await guessLimiter.failed([`address ${address}`, `stream ${streamId}`]);
  if (alert !== undefined) log.error('stream_key_guesses', { ...alert, address, stream: streamId });
}

function silent(nodeId: string, error: unknown, { log }: MediaSessionDeps): { kind: 'refused' } & NodeRefusal {
  log.error('node_silent', { nodeId, error });
  return { kind: 'refused', error: 'unavailable', message: 'the node does not answer: try again' };
}
