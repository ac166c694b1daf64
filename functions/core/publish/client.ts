import type { Session, Stream } from '../../contract/state';

/** One connection of an SRS: `clientId` is unique within a start of SRS (`serviceId`) only. */
export type SrsClient = Pick<Session, 'nodeId' | 'serviceId' | 'clientId'>;

export const isSameClient = (a: SrsClient, b: SrsClient): boolean =>
  a.clientId === b.clientId && a.serviceId === b.serviceId && a.nodeId === b.nodeId;

/** Hooks later than eight sessions are not seen: a hook is retried for seconds. */
const REMEMBERED = 8;

/** The clients before `session`, its own included: what `Stream.earlierClients` is once a newer one is admitted. */
export function rememberClient(stream: Stream, { nodeId, serviceId, clientId }: SrsClient): SrsClient[] {
  return [...(stream.earlierClients ?? []), { nodeId, serviceId, clientId }].slice(-REMEMBERED);
}

/** Returns whether a newer session followed the one of this client. */
export const isEarlierClient = (stream: Stream, client: SrsClient): boolean =>
  (stream.earlierClients ?? []).some((each) => isSameClient(each, client));
