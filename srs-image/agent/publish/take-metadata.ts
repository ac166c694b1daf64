import type { NodeMetadata } from '../../../functions/contract/hooks/media';
import { encodeMetadataText } from '../../../functions/contract/timed-metadata/text';
import { defined } from '../../../functions/core/defined';
import { TokenBuckets } from '../../../functions/core/limits/token-bucket';
import type { Clock, Log } from '../../../functions/ports/stores';
import { type AgentReply, refused } from '../http/listener';
import type { NodeSession } from '../session/session';
import type { WaitingMetadata } from '../session/session-state';
import type { Sessions } from '../session/sessions';
import { metadataWithId } from '../session/timed-metadata';

export interface MetadataDeps {
  sessions: Sessions;
  clock: Clock;
  log: Log;
  /** Tells the low-latency playlist of the stream, if it has one. */
  mark: (session: NodeSession, metadata: WaitingMetadata) => void;
}

/** Messages of one stream: every viewer's playlist carries each of them. */
const RATE = { perMinute: 30, burst: 10 };
/** They wait for a segment; a publisher that sends none for so long is about to be gone. */
const MAX_WAITING = 50;

/** Takes timed metadata for the sessions of this node, on disk before it is answered. */
export class MetadataTaker {
  private readonly buckets: TokenBuckets;

  constructor(private readonly deps: MetadataDeps) {
    this.buckets = new TokenBuckets(RATE, deps.clock);
  }

  /** The same id with the same content again is answered as before, and added once. */
  take({ streamId, sessionId, id, data, durationMs }: NodeMetadata): AgentReply {
    const { sessions, clock, log, mark } = this.deps;
    const session = sessions.ofStream(streamId).find(({ ref, open }) => open && ref.sessionId === sessionId);
    if (session === undefined) return refused(404, 'session_not_found', 'there is no such session');
    const metadata = { id, at: clock.now(), ...defined({ durationMs }), data: encodeMetadataText(data) };
    const known = metadataWithId(session.state, id);
    if (known !== undefined)
      return known.data === metadata.data && known.durationMs === durationMs
        ? { status: 200, body: {} }
        : refused(409, 'metadata_conflict', `id: '${id}' is used by another message of the broadcast: use a new one`);
    const { waitSeconds, limit } = this.buckets.look(streamId);
    if (waitSeconds > 0 || session.state.waiting.length >= MAX_WAITING) return tooMany(limit, Math.max(1, waitSeconds));
    this.buckets.take(streamId);
    session.addMetadata(metadata);
    mark(session, metadata);
    log.info('timed_metadata_taken', { ...session.ref, id, bytes: metadata.data.length });
    return { status: 200, body: {} };
  }
}

const tooMany = (limit: number, seconds: number): AgentReply =>
  refused(
    429,
    'rate_limited',
    `a stream takes ${limit} messages at once and ${RATE.perMinute} a minute: try again in ${seconds} s`,
  );
