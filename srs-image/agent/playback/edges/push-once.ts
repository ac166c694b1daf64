import { within } from '../../../../functions/app/deadline';
import type { StreamId } from '../../../../functions/contract/ids';
import { FlvReader, type FlvTag } from '../../../../functions/core/low-latency/flv';
import type { Clock } from '../../../../functions/ports/stores';
import type { EdgeGates, EdgeTarget, SrsFlv } from '../../runtime/ports';
import type { Tickets } from '../../srs/tickets';
import type { Unreached } from '../unreached';

export interface PushOnceDeps {
  flv: SrsFlv;
  tickets: Tickets;
  gates: EdgeGates;
  unreached: Pick<Unreached, 'waits'>;
  clock: Pick<Clock, 'sleep' | 'sleepAwake'>;
}

/**
 * SRS answers HTTP-FLV with the first media, which of a browser waits for sender reports. A token is good for 15 s:
 * after this time the push ends, and the next one has another token.
 */
const FIRST_MEDIA_MS = 8000;

/**
 * Pushes a stream of this node's SRS to an edge, tag by tag, until either side ends or `signal`. Resolves with the
 * reason. Rejects when SRS does not play it, or when the edge does not let it in. SRS ends HTTP-FLV with its
 * publisher, so the copy ends with it at once.
 */
export async function pushOnce(
  streamId: StreamId,
  to: Omit<EdgeTarget, 'streamId'>,
  { flv, tickets, gates, unreached, clock }: PushOnceDeps,
): Promise<string> {
  const over = new AbortController();
  const heard = new AbortController();
  const signal = AbortSignal.any([to.signal, over.signal]);
  const ticket = tickets.issueOwn(streamId);
  try {
    void unreached.waits(streamId, heard.signal);
    const first = { clock, limitMs: FIRST_MEDIA_MS, what: 'SRS' };
    const media = await within(first, flv.play({ streamId, ticket: ticket.id, signal }));
    heard.abort();
    if (media === undefined) throw new Error('this media server has no HTTP-FLV');
    const edge = await gates.publish({ ...to, streamId, signal });
    let edgeEnd: string | undefined;
    void edge.ended.then((reason) => {
      edgeEnd = reason;
      media.destroy();
    });
    const reader = new FlvReader();
    const isNews = newsOnly();
    try {
      for await (const piece of media) edge.send(reader.push(piece).filter(isNews));
      return 'the publisher left';
    } catch (error) {
      if (edgeEnd !== undefined) return edgeEnd;
      throw error;
    } finally {
      edge.close();
    }
  } finally {
    heard.abort();
    over.abort();
    tickets.close(ticket);
  }
}

/** SRS repeats the configuration of a browser's video at every keyframe: one that is known says nothing. */
function newsOnly(): (tag: FlvTag) => boolean {
  const known = new Map<FlvTag['kind'], Buffer>();
  return ({ kind, body }) => {
    if (!isConfig(kind, body)) return true;
    const before = known.get(kind);
    const now = Buffer.from(body);
    known.set(kind, now);
    return before === undefined || !before.equals(now);
  };
}

const AVC = 7;
const AAC = 10;

function isConfig(kind: FlvTag['kind'], [first = 0, second]: Uint8Array): boolean {
  if (kind === 'video') return (first & 0x8f) === AVC && second === 0;
  return kind === 'audio' && first >> 4 === AAC && second === 0;
}
