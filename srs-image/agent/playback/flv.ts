import type { Readable } from 'node:stream';
import type { StreamId } from '../../../functions/contract/ids';
import { defined } from '../../../functions/core/defined';
import type { Log } from '../../../functions/ports/stores';
import { type AgentReply, type AgentRequest, refused } from '../http/listener';
import type { SrsFlv } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import type { Ticket, Tickets } from '../srs/tickets';
import { corsHeaders } from './cors';
import { UNKNOWN_TO_VIEWERS } from './refusals';
import type { Unreached } from './unreached';

export interface FlvDeps {
  flv: SrsFlv;
  log: Log;
  unreached: Pick<Unreached, 'waits'>;
  tickets: Tickets;
  /** Returns whether everybody may know that the stream is live. */
  isOpen: (streamId: StreamId) => boolean;
  /** Origins of the environment, for streams that name none of their own. */
  playerOrigins: readonly string[];
}

const SILENT = refused(503, 'unavailable', 'the media server sends nothing of the stream now: try again');
const FLV_HEADERS = { 'content-type': 'video/x-flv', 'cache-control': 'no-store' };

/** HTTP-FLV of a stream this node has, once on_play was answered. A HEAD opens nothing. */
export async function playFlv(
  streamId: StreamId,
  { method, query, header, address }: AgentRequest,
  deps: FlvDeps,
): Promise<AgentReply> {
  const origin = header('origin');
  const headersFor = (allowed: readonly string[]) => ({ ...FLV_HEADERS, ...corsHeaders(allowed, origin) });
  if (method === 'HEAD')
    return deps.isOpen(streamId)
      ? { status: 200, body: '', headers: headersFor(deps.playerOrigins) }
      : UNKNOWN_TO_VIEWERS;
  const secret = tokenOf(query.get('token'), header('authorization'));
  const ticket = deps.tickets.issue('play', streamId, `${address} ${streamId}`);
  try {
    const media = await begin(ticket, secret, deps);
    const { outcome } = ticket;
    if (outcome?.kind === 'refused') return refusalOf(outcome);
    if (media === 'failed') return SILENT;
    if (media === undefined) return refused(503, 'not_here', 'this media server has no HTTP-FLV');
    const allowed = outcome?.allowedOrigins ?? deps.playerOrigins;
    return { status: 200, body: media, headers: headersFor(allowed) };
  } finally {
    deps.tickets.close(ticket);
  }
}

/** SRS hangs up on who is refused: what it was told says whether that was it. */
async function begin(
  ticket: Ticket,
  secret: string | undefined,
  deps: FlvDeps,
): Promise<Readable | 'failed' | undefined> {
  const { streamId } = ticket;
  const heard = new AbortController();
  void deps.unreached.waits(streamId, heard.signal);
  try {
    return await deps.flv.play({ streamId, ticket: ticket.id, ...defined({ secret }) });
  } catch (error) {
    if (ticket.outcome?.kind !== 'refused') deps.log.warn('flv_failed', { streamId, error: reasonOf(error) });
    return 'failed';
  } finally {
    heard.abort();
  }
}

/** Refusals that the viewer is told; any other is that of a stream which is not there. */
const TOLD: Readonly<Record<string, number>> = { too_many: 429, grant_ended: 410 };

function refusalOf({ error, message }: { error: string; message: string }): AgentReply {
  const status = TOLD[error];
  return status === undefined ? UNKNOWN_TO_VIEWERS : refused(status, error, message);
}

/** The play token of a viewer. A text with other characters is not a token, and SRS's parser would split it. */
function tokenOf(query: string | null, authorization = ''): string | undefined {
  const token = query ?? /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  return token !== undefined && /^[\w.~-]{1,512}$/.test(token) ? token : undefined;
}
