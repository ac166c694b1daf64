import { StreamId } from '../../../functions/contract/ids';
import type { Log } from '../../../functions/ports/stores';
import { type AgentReply, refused } from '../http/listener';
import type { SrsFlv } from '../runtime/ports';
import { reasonOf } from '../runtime/reason';
import type { Tickets } from '../srs/tickets';
import type { FlvSeats } from './flv-seats';

export interface FlvDeps {
  flv: SrsFlv;
  tickets: Tickets;
  isLive: (streamId: StreamId) => boolean;
  seats: FlvSeats;
  log: Log;
}

/** HTTP-FLV of `<stream id>.flv`, once on_play was answered. */
export async function playFlv(file: string, token: string | undefined, deps: FlvDeps): Promise<AgentReply> {
  const stream = StreamId.safeParse(file.replace(/\.flv$/, ''));
  if (!stream.success) return refused(404, 'stream_not_found', 'use <stream id>.flv');
  const streamId = stream.data;
  if (!deps.isLive(streamId)) return refused(409, 'not_live', 'nobody publishes this stream here');
  const leave = deps.seats.take(streamId);
  if (leave === undefined)
    return refused(429, 'viewer_limit', 'this node has as many viewers by HTTP-FLV as it may have');
  const ticket = deps.tickets.issue('play', streamId);
  let isPlaying = false;
  try {
    const media = await deps.flv.play({
      streamId,
      ticket: ticket.id,
      ...(token === undefined ? {} : { secret: token }),
    });
    if (media === undefined) return refused(503, 'not_here', 'this media server has no HTTP-FLV');
    isPlaying = true;
    media.once('close', leave);
    return { status: 200, body: media, headers: { 'content-type': 'video/x-flv' } };
  } catch (error) {
    const { outcome } = ticket;
    if (outcome?.kind === 'refused') return refused(403, outcome.error, outcome.message);
    deps.log.warn('flv_failed', { streamId, error: reasonOf(error) });
    return refused(503, 'unavailable', 'the media server does not answer');
  } finally {
    if (!isPlaying) leave();
    deps.tickets.close(ticket);
  }
}
