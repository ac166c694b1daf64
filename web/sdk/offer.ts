import { iceServersOf } from './ice-servers';

const SDP = 'application/sdp';
const SESSION = 'Srs-Live-Session';

/**
 * An offer that the server refused. `status`: of HTTP; 0 without an answer. `code`: the problem's own, '' without one.
 */
export class OfferRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code = '',
  ) {
    super(message);
  }

  /** Tells whether another publisher has taken the stream over. */
  get isTaken(): boolean {
    return this.code === 'publisher_replaced';
  }

  /** Tells whether the same offer may succeed later: no answer, too many requests, or an error of the server. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Ends a session of WHIP or WHEP, also while the page goes away. */
export type EndSession = () => Promise<void>;

/**
 * A session that the server opened. `publishes`: the name of the publish; absent for a player and from an older server.
 */
export interface OpenedSession {
  readonly end: EndSession;
  readonly publishes: string | undefined;
}

/**
 * The URL an offer goes to, and the right to send it: a stream key or a play token as `bearer`. `continues`: the
 * publish that was lost; the server refuses with 409 if another publisher has taken the stream over.
 */
export interface Endpoint {
  readonly url: string;
  readonly bearer?: string | undefined;
  readonly continues?: string | undefined;
}

/**
 * Exchanges offer and answer of `connection` by WHIP or WHEP (RFC 9725). The offer has no candidates: the server's are
 * enough to connect, and its answer names the TURN servers (4.6). Throws `OfferRefusal`.
 */
export async function exchange(
  connection: RTCPeerConnection,
  { url, bearer, continues }: Endpoint,
  send: typeof fetch = (target, init) => fetch(target, init),
): Promise<OpenedSession> {
  const offer = await connection.createOffer();
  const authorization: Record<string, string> = bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` };
  const before: Record<string, string> = continues === undefined ? {} : { [SESSION]: continues };
  const request = {
    method: 'POST',
    headers: { ...authorization, ...before, 'Content-Type': SDP },
    body: offer.sdp ?? '',
  };
  const answer = await send(url, request).catch(() => {
    throw new OfferRefusal(0, 'The server does not answer.');
  });
  if (answer.status !== 201) throw await refusalOf(answer);
  const session = answer.headers.get('Location');
  const end = async (): Promise<void> => {
    if (session === null) return;
    const target = new URL(session, answer.url || document.baseURI).href;
    await send(target, { method: 'DELETE', headers: authorization, keepalive: true }).catch(() => undefined);
  };
  try {
    await take(connection, offer, answer);
  } catch (error) {
    // The page closed the connection meanwhile: the server has the session all the same.
    await end();
    throw error;
  }
  return { end, publishes: answer.headers.get(SESSION) ?? undefined };
}

/** Gives the connection the server's answer, and the TURN servers it names. */
async function take(connection: RTCPeerConnection, offer: RTCSessionDescriptionInit, answer: Response): Promise<void> {
  const found = iceServersOf(answer.headers.get('Link') ?? '');
  const { iceServers: own = [], ...rest } = connection.getConfiguration();
  connection.setConfiguration({ ...rest, iceServers: [...own, ...found] });
  await connection.setLocalDescription(offer);
  await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
}

async function refusalOf(answer: Response): Promise<OfferRefusal> {
  const problem: unknown = await answer.json().catch(() => undefined);
  const said = (name: 'detail' | 'code'): string | undefined => {
    const value: unknown = typeof problem === 'object' && problem !== null ? Reflect.get(problem, name) : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  return new OfferRefusal(answer.status, said('detail') ?? `The server answered ${answer.status}.`, said('code'));
}
