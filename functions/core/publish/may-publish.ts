import type { SessionId } from '../../contract/ids';
import type { Node, Stream } from '../../contract/state';
import { streamKeyOf } from '../keys';
import { sha256Hex } from '../signing/hash';
import type { PublishingMode, Refused } from './admission';
import { decidePublish } from './publish';

export interface PublishQuestion {
  /** The key that the caller showed, well-formed or not. */
  key: string | undefined;
  address: string;
  node: Pick<Node, 'id' | 'serviceId'>;
  publishingMode: PublishingMode;
  at: number;
}

/** No id SRS gives. */
const NOBODY = '';
const NO_IDS = { session: '00000000', broadcast: '00000000' };

/**
 * Says why a newcomer to this node would be refused; `undefined` if the hook that follows will admit it. Changes
 * nothing. It is asked before the media server gets the offer, because over WebRTC SRS keeps a client that its hook
 * refused, and blocks the next one.
 */
export function refusalToPublish(
  stream: Stream | undefined,
  { key, address, node, publishingMode, at }: PublishQuestion,
): Refused | undefined {
  const known = key === undefined ? undefined : streamKeyOf(`key=${key}`);
  const client = { nodeId: node.id, serviceId: node.serviceId, clientId: NOBODY };
  const request = { ...client, keyHash: known && sha256Hex(known), at, address, viaProxy: false, publishingMode };
  const decision = decidePublish(stream, request, NO_IDS);
  return decision.kind === 'refused' ? decision : undefined;
}

/**
 * Says whether a newer session than this one is live. A client that reconnects by itself must not end it: two that do
 * would take the stream from each other without end.
 */
export function isTakenOver({ session }: Pick<Stream, 'session'>, continues: SessionId): boolean {
  if (session === undefined || session.endedAt !== undefined) return false;
  return session.ordinal > Number(continues.split('-', 1)[0]);
}
