import { path, ROUTES } from '../../functions/contract/routes';
import { Listening, type Sight, seen } from './listening';
import { type RoomEndReason, type RoomEvent, readRoomEvent } from './room-events';
import { ServerEvents } from './server-events';

export interface RoomOptions {
  readonly streamId: string;
  /** Returns the room token of now; absent for a reader. It travels in a header alone. */
  readonly token: () => string | undefined;
  readonly send: typeof fetch;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
  readonly sight: Sight;
  readonly onEvent: (event: RoomEvent) => void;
  /** Called when the connection changes; `over`: there will be no other, for this reason. */
  readonly onState: (state: 'connecting' | 'open' | 'interrupted' | 'over', why?: string) => void;
}

const RETRY_MS = 3000;
const MAX_RETRY_MS = 30_000;

type Outcome = { readonly again: number } | { readonly over: string };

const OVER: Readonly<Record<Exclude<RoomEndReason, 'reconnect' | 'expired'>, string>> = {
  banned: 'A moderator has closed this chat for you.',
  closed: 'The chat is closed.',
};
const REFUSED: Readonly<Record<number, string>> = {
  401: 'Your right to read this chat is over. Open the page again.',
  403: 'A moderator has closed this chat for you.',
  404: 'There is no chat here for you.',
  409: 'The chat is closed.',
};

/** Reads a room until it is over: connects again with `Last-Event-ID`, so that nothing is lost or shown twice. */
export class Room {
  private lastId: string | undefined;
  private retryMs = RETRY_MS;
  private failures = 0;
  /** A token that the room called expired: without another one the room is read without. */
  private expired: string | undefined;

  constructor(private readonly options: RoomOptions) {}

  async run(): Promise<void> {
    const { signal, sight, sleep, onState } = this.options;
    while (!signal.aborted) {
      await seen(sight, signal);
      onState(this.failures === 0 ? 'connecting' : 'interrupted');
      const outcome = await this.connect().catch((): Outcome => this.lost());
      if (signal.aborted) return;
      if ('over' in outcome) {
        onState('over', outcome.over);
        return;
      }
      await sleep(outcome.again);
    }
  }

  /** The token to write with; `undefined` for a reader. */
  get token(): string | undefined {
    const token = this.options.token();
    return token === this.expired ? undefined : token;
  }

  private async connect(): Promise<Outcome> {
    const { streamId: id, send } = this.options;
    const { token, lastId } = this;
    const headers = {
      Accept: 'text/event-stream',
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(lastId !== undefined && { 'Last-Event-ID': lastId }),
    };
    const listening = new Listening(this.options.signal, this.options.sight);
    try {
      const answer = await send(path(ROUTES.chat.room, { id }), {
        headers,
        signal: listening.signal,
        cache: 'no-store',
      });
      if (!answer.ok || answer.body === null) return this.refused(answer, token);
      return await this.read(answer.body, listening, token);
    } finally {
      listening.end();
    }
  }

  private async read(body: ReadableStream<Uint8Array>, listening: Listening, token?: string): Promise<Outcome> {
    const events = new ServerEvents();
    const reader = body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return this.lost();
      listening.heard();
      for (const each of events.take(decoder.decode(value, { stream: true }))) {
        this.retryMs = events.retryMs ?? this.retryMs;
        const event = readRoomEvent(each);
        if (event?.kind === 'end') return this.ended(event.data.reason, token);
        if (event?.kind === 'room') this.begun();
        if (event !== undefined) this.options.onEvent(event);
        this.lastId = each.id ?? this.lastId;
      }
    }
  }

  private begun(): void {
    this.failures = 0;
    this.options.onState('open');
  }

  private ended(reason: RoomEndReason, token: string | undefined): Outcome {
    if (reason === 'expired') this.expired = token;
    return reason === 'reconnect' || reason === 'expired'
      ? { again: this.spread(this.retryMs) }
      : { over: OVER[reason] };
  }

  private refused({ status, headers }: Response, token: string | undefined): Outcome {
    if (status === 401 && token !== undefined) {
      this.expired = token;
      return { again: 0 };
    }
    const words = REFUSED[status];
    if (words !== undefined) return { over: words };
    const { again } = this.lost();
    return { again: Math.max(again, Number(headers.get('retry-after') ?? 0) * 1000 || 0) };
  }

  private lost(): { again: number } {
    this.failures += 1;
    return { again: this.spread(Math.min(MAX_RETRY_MS, this.retryMs * 2 ** (this.failures - 1))) };
  }

  /** Readers whose connections end together come back one after the other. */
  private spread(ms: number): number {
    return ms * (0.5 + Math.random());
  }
}
