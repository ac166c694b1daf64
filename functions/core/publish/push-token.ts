import { PushToken } from '../../contract/hooks/edges';
import type { Push } from '../../contract/hooks/srs';
import type { Node } from '../../contract/state';
import type { RandomId } from '../../ports/stores';
import { sha256Hex } from '../signing/hash';

/** An origin connects within this time by the clock of srs-hooks; those of origin and edge do not count. */
export const PUSH_TOKEN_MS = 15_000;
/** Within this an order has reached the origin, and its next heartbeat says whether it pushes. */
const ORDERED_MS = 4000;
/** A spent token is remembered, so that the same connection that asks again is answered the same. */
const REMEMBERED_MS = 60_000;
/** The most tokens of one edge; a document has 1 MiB, a token some 200 bytes. */
const MAX_TOKENS = 1000;

type Tokens = NonNullable<Node['pushTokens']>;
type Target = Pick<Push, 'streamId' | 'sessionId'>;

export const mintPushToken = (randomId: RandomId): string => PushToken.parse(`sle_${randomId(32)}`);

/** The push token in a hook's `param`: the value of the first `push` that is well-formed. */
export function pushTokenOf(param: string): string | undefined {
  const values = param.split(/[?&]/).flatMap((part) => (part.startsWith('push=') ? [part.slice('push='.length)] : []));
  return values.find((value) => PushToken.safeParse(value).success);
}

/** Lists the tokens of an edge that are of use at `nowMs`. */
export const keptTokens = (node: Pick<Node, 'pushTokens'> | undefined, nowMs: number): Tokens =>
  (node?.pushTokens ?? []).filter(({ until }) => nowMs < until + REMEMBERED_MS);

/** The edge with one token more; `undefined` when it has too many. */
export function addPushToken(edge: Node, token: string, target: Target, nowMs: number): Node | undefined {
  const kept = keptTokens(edge, nowMs);
  if (kept.length >= MAX_TOKENS) return undefined;
  const { streamId, sessionId } = target;
  const added = { hash: sha256Hex(token), streamId, sessionId, until: nowMs + PUSH_TOKEN_MS };
  return { ...edge, pushTokens: [...kept, added] };
}

/**
 * The state of the attempts to push this session to the edge: one was ordered a moment ago, the last ones never
 * reached it, or neither.
 */
export function attemptsOn(
  edge: Pick<Node, 'pushTokens'>,
  target: Target,
  nowMs: number,
): 'ordered' | 'failed' | 'none' {
  const unspent = keptTokens(edge, nowMs).filter(
    ({ streamId, sessionId, spentBy }) =>
      spentBy === undefined && streamId === target.streamId && sessionId === target.sessionId,
  );
  if (unspent.some(({ until }) => nowMs < until - PUSH_TOKEN_MS + ORDERED_MS)) return 'ordered';
  return unspent.length > 0 ? 'failed' : 'none';
}

/** A connection that shows a token to an edge. */
export interface Spender {
  token: string;
  streamId: string;
  serviceId: string;
  clientId: string;
}

/**
 * The edge with the token spent, and the session that it is for. `undefined`: the token is unknown here, of another
 * stream, expired, or spent by another connection. The connection that spent it may ask again.
 */
export function spendPushToken(
  edge: Node | undefined,
  { token, streamId, serviceId, clientId }: Spender,
  nowMs: number,
): { node: Node; sessionId: string } | undefined {
  const hash = sha256Hex(token);
  const found = edge?.pushTokens?.find((each) => each.hash === hash);
  if (edge === undefined || found === undefined || found.streamId !== streamId) return undefined;
  const { spentBy, until, sessionId } = found;
  const isSame = spentBy?.serviceId === serviceId && spentBy.clientId === clientId;
  if (spentBy === undefined ? nowMs >= until : !isSame) return undefined;
  const spent = { ...found, spentBy: { serviceId, clientId } };
  const others = keptTokens(edge, nowMs).filter((each) => each.hash !== hash);
  return { node: { ...edge, pushTokens: [...others, spent] }, sessionId };
}
