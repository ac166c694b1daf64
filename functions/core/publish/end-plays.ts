import type { Node } from '../../contract/state';
import { DomainError } from '../errors';
import { HEARTBEAT_GRACE_MS } from './liveness';

export type PlaysToEnd = Pick<NonNullable<Node['endPlays']>[number], 'streamId' | 'grantId' | 'reason'>;

/**
 * The time for which an order is repeated at each heartbeat: a publisher that was admitted just before is found by
 * then.
 */
const REPEATED_MS = 2 * HEARTBEAT_GRACE_MS;
/** Within the while. A document has 1 MiB, an order some 120 bytes. */
const MAX_ORDERS = 2000;

/** Lists what a node is to be told about viewers' connections at `nowMs`. */
export const playsToEnd = (node: Node | undefined, nowMs: number): NonNullable<Node['endPlays']> =>
  (node?.endPlays ?? []).filter(({ at }) => nowMs - at <= REPEATED_MS);

/** The node without the order to end every connection of a stream; `undefined` if it has none. */
export function withoutPlaysToEnd(node: Node, of: PlaysToEnd['streamId']): Node | undefined {
  const { endPlays = [] } = node;
  const kept = endPlays.filter(({ streamId, grantId }) => streamId !== of || grantId !== undefined);
  return kept.length === endPlays.length ? undefined : { ...node, endPlays: kept };
}

/**
 * Adds this command to those that the node gets with its next heartbeat. Throws `unavailable` when there are too many.
 */
export function addPlaysToEnd(node: Node, order: PlaysToEnd, at: number): Node {
  const others = playsToEnd(node, at).filter(
    ({ streamId, grantId }) => streamId !== order.streamId || grantId !== order.grantId,
  );
  if (others.length >= MAX_ORDERS)
    throw new DomainError('unavailable', `${MAX_ORDERS} commands to end connections are pending on a node: try again`);
  return { ...node, endPlays: [...others, { ...order, at }] };
}
