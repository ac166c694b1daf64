import { createHash } from 'node:crypto';
import type {
  EndPlays,
  FinalSession,
  NodeMetadata,
  NodePlays,
  RtcEnd,
  RtcOffer,
} from '../../functions/contract/hooks/media';
import type { HealthMinute } from '../../functions/contract/hooks/session-health';
import type { SessionId } from '../../functions/contract/ids';
import type { MediaNodes } from '../../functions/ports/media-nodes';

/** The id of every session they open. */
export const MEDIA_SESSION = 'a'.repeat(32);
export const SDP_ANSWER = 'v=0\r\na=ice-ufrag:nnrlyl49\r\n';
/** Returns the mark of a node in the name of a session. */
export const markOf = (nodeId: string): string => createHash('sha256').update(nodeId).digest('hex').slice(0, 8);

/** Agents that answer every offer, but for those that are away or told to refuse, by their URL. */
export class FakeNodes implements MediaNodes {
  readonly offers: { url: string; offer: RtcOffer }[] = [];
  readonly ends: { url: string; end: RtcEnd }[] = [];
  /** Sessions whose broadcast was stopped. */
  readonly finals: FinalSession[] = [];
  readonly metadata: NodeMetadata[] = [];
  readonly refusals = new Map<string, { error: string; message: string }>();
  readonly away = new Set<string>();
  /** The publish that each offer makes. */
  opened: { sessionId?: SessionId } = { sessionId: '1-abcdefgh' };
  /** The publish that each ended session was. */
  ended: { sessionId?: SessionId } = {};
  /** The viewers, by the node's URL, whatever the stream. */
  readonly playing = new Map<string, NodePlays['plays']>();

  /** The last hour, by the node's URL, whatever the stream. */
  readonly measured = new Map<string, HealthMinute[]>();

  async offer(url: string, offer: RtcOffer) {
    this.offers.push({ url, offer });
    return (
      this.refusalOf(url) ?? {
        kind: 'answered' as const,
        answer: { session: MEDIA_SESSION, sdp: SDP_ANSWER, ...(offer.kind === 'publish' && this.opened) },
      }
    );
  }

  async end(url: string, end: RtcEnd) {
    this.ends.push({ url, end });
    return this.refusalOf(url) ?? { kind: 'ended' as const, ...this.ended };
  }

  async finalSession(url: string, session: FinalSession) {
    if (this.away.has(url)) throw new Error('connect ECONNREFUSED');
    this.finals.push(session);
    return true;
  }

  async addMetadata(url: string, metadata: NodeMetadata) {
    const refusal = this.refusalOf(url);
    if (refusal === undefined) this.metadata.push(metadata);
    return refusal ?? { kind: 'added' as const };
  }

  async plays(url: string) {
    if (this.away.has(url)) throw new Error('connect ECONNREFUSED');
    return this.playing.get(url) ?? [];
  }

  async health(url: string) {
    if (this.away.has(url)) throw new Error('connect ECONNREFUSED');
    return this.measured.get(url) ?? [];
  }

  async endPlays(url: string, { id }: EndPlays) {
    const before = await this.plays(url);
    const left = before.filter((play) => id !== undefined && play.id !== id);
    this.playing.set(url, left);
    return before.length - left.length;
  }

  private refusalOf(url: string) {
    if (this.away.has(url)) throw new Error('connect ECONNREFUSED');
    const refusal = this.refusals.get(url);
    return refusal && { kind: 'refused' as const, ...refusal };
  }
}
