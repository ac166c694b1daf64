import { path, ROUTES } from '../../functions/contract/routes';
import type { Publisher } from '../publish-key';
import { type EndSession, exchange } from '../sdk/offer';

/** Publishes what `connection` sends, by WHIP. Throws `OfferRefusal`. */
export const publishByWhip = (
  connection: RTCPeerConnection,
  { streamId, key }: Publisher,
  send?: typeof fetch,
): Promise<EndSession> => exchange(connection, { url: path(ROUTES.media.whip, { id: streamId }), bearer: key }, send);
