import type { Session, Stream } from '../../contract/state';

/** One connection of an SRS: `clientId` is unique within a start of SRS (`serviceId`) only. */
export type Client = Pick<Session, 'nodeId' | 'serviceId' | 'clientId'>;

export const isSameClient = (a: Client, b: Client): boolean =>
  a.clientId === b.clientId && a.serviceId === b.serviceId && a.nodeId === b.nodeId;

/** Hooks later than eight sessions are not seen: a hook is retried for seconds. */
const REMEMBERED = 8;

/** The clients before `session`, its own included: what `Stream.earlierClients` is once a newer one is admitted. */
export function rememberClient(stream: Stream, { nodeId, serviceId, clientId }: Client): Client[] {
  return [...(stream.earlierClients ?? []), { nodeId, serviceId, clientId }].slice(-REMEMBERED);
}

/** Whether a newer session followed the one of this client. */
export const isEarlierClient = (stream: Stream, client: Client): boolean =>
  (stream.earlierClients ?? []).some((each) => isSameClient(each, client));
