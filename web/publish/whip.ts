import { z } from 'zod';
import { path, ROUTES } from '../../functions/contract/routes';
import type { Publisher } from '../publish-key';
import { iceServersOf } from './ice-servers';

const Problem = z.object({ detail: z.string() });
const SDP = 'application/sdp';

/** The server does not take this publisher now. `status`: of HTTP; 0: no answer at all. */
export class WhipRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }

  /** Whether the same may be taken later: nobody answered, too much at once, or a trouble of the server's. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Ends a session of WHIP, also while the page goes away. */
export type EndSession = () => Promise<void>;

/**
 * Publishes what `connection` sends, by WHIP (RFC 9725). The offer goes out without candidates: the server's are enough to find it by,
 * and only its answer says through which TURN servers to look for it (4.6). Throws `WhipRefusal`.
 */
export async function publishByWhip(
  connection: RTCPeerConnection,
  { streamId, key }: Publisher,
  send: typeof fetch = (url, init) => fetch(url, init),
): Promise<EndSession> {
  const offer = await connection.createOffer();
  const authorization = { Authorization: `Bearer ${key}` };
  const request = { method: 'POST', headers: { ...authorization, 'Content-Type': SDP }, body: offer.sdp ?? '' };
  const answer = await send(path(ROUTES.media.whip, { id: streamId }), request).catch(() => {
    throw new WhipRefusal(0, 'The server does not answer.');
  });
  if (answer.status !== 201) throw await refusalOf(answer);
  const session = answer.headers.get('Location');
  const iceServers = iceServersOf(answer.headers.get('Link') ?? '');
  connection.setConfiguration({ iceServers });
  await connection.setLocalDescription(offer);
  await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  return async () => {
    if (session === null) return;
    await send(session, { method: 'DELETE', headers: authorization, keepalive: true }).catch(() => undefined);
  };
}

async function refusalOf(answer: Response): Promise<WhipRefusal> {
  const problem = Problem.safeParse(await answer.json().catch(() => undefined));
  return new WhipRefusal(answer.status, problem.success ? problem.data.detail : `The server answered ${answer.status}.`);
}
