import type { RtcKind } from '../../../functions/contract/hooks/media';
import type { StreamId } from '../../../functions/contract/ids';
import type { RandomId } from '../../../functions/ports/stores';
import type { HookAnswer } from './answers';

/** Outcome of the hook SRS sent for a request of ours. */
export type TicketOutcome =
  | { kind: 'accepted'; clientId: string; allowedOrigins?: readonly string[] | undefined }
  | { kind: 'refused'; error: string; message: string };

/** One request that the agent itself makes of SRS for somebody: the hook that follows has it in its `param`. */
export interface Ticket {
  readonly id: string;
  readonly kind: RtcKind;
  readonly streamId: StreamId;
  /** The party whose turn it takes when many ask. */
  readonly party: string;
  /** The agent's own, and not a viewer's. */
  readonly isOwn?: true;
  /** Absent until SRS has asked. */
  outcome?: TicketOutcome;
}

/**
 * Ties hooks to our own requests: SRS gives no reason to a client it refuses, and takes WebRTC from everybody that
 * reaches its API.
 */
export class Tickets {
  private readonly open = new Map<string, Ticket>();

  constructor(private readonly randomId: RandomId) {}

  /** `party`: whose turn it takes when many ask. @default its own */
  issue(kind: RtcKind, streamId: StreamId, party?: string): Ticket {
    const id = this.randomId(32);
    const ticket = { id, kind, streamId, party: party ?? id };
    this.open.set(ticket.id, ticket);
    return ticket;
  }

  /** Makes a ticket for the agent itself, which needs no permission to read. */
  issueOwn(streamId: StreamId): Ticket {
    const ticket: Ticket = { ...this.issue('play', streamId), isOwn: true };
    this.open.set(ticket.id, ticket);
    return ticket;
  }

  /** The ticket in a hook's `param`, if it is for this; it counts once. */
  claim(kind: RtcKind, streamId: StreamId, param: string): Ticket | undefined {
    const [, id = ''] = /(?:^|[?&])ticket=([a-z0-9]{32})(?:&|$)/.exec(param) ?? [];
    const ticket = this.open.get(id);
    if (ticket?.kind !== kind || ticket.streamId !== streamId) return undefined;
    this.open.delete(id);
    return ticket;
  }

  /** The request is over: a hook that comes later has no ticket any more. */
  close({ id }: Ticket): void {
    this.open.delete(id);
  }
}

export function settle(
  ticket: Ticket | undefined,
  answer: HookAnswer,
  accepted: Omit<Extract<TicketOutcome, { kind: 'accepted' }>, 'kind'>,
): void {
  if (ticket === undefined) return;
  ticket.outcome = answer.code === 0 ? { kind: 'accepted', ...accepted } : { kind: 'refused', ...reasonIn(answer) };
}

const reasonIn = ({ error, message }: Exclude<HookAnswer, { code: 0 }>) => ({ error, message });
