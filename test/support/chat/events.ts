/** One server-sent event; `comment` for a line that begins with a colon. */
export interface SentEvent {
  event: string;
  id?: string;
  data: Record<string, unknown>;
}

/**
 * Reads server-sent events as a browser does (https://html.spec.whatwg.org/multipage/server-sent-events.html), one
 * block after another. `next` rejects at the end of the body.
 */
export class EventReader {
  readonly comments: string[] = [];
  retryMs: number | undefined;
  lastEventId: string | undefined;
  private buffered = '';
  private readonly decoder = new TextDecoder();
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor({ body }: Response) {
    if (body === null) throw new Error('the answer has no body');
    this.reader = body.getReader();
  }

  async next(): Promise<SentEvent> {
    for (;;) {
      const end = this.buffered.indexOf('\n\n');
      if (end < 0) {
        await this.read();
        continue;
      }
      const block = this.buffered.slice(0, end);
      this.buffered = this.buffered.slice(end + 2);
      const event = this.parse(block);
      if (event !== undefined) return event;
    }
  }

  /** Reads on until an event satisfies `wanted`; answers all on the way, that one too. */
  async until(wanted: (event: SentEvent) => boolean): Promise<SentEvent[]> {
    const events = [await this.next()];
    for (let last = events[0]; last !== undefined && !wanted(last); ) {
      last = await this.next();
      events.push(last);
    }
    return events;
  }

  leave(): Promise<void> {
    return this.reader.cancel();
  }

  private async read(): Promise<void> {
    const { done, value } = await this.reader.read();
    if (done) throw new Error('the events have ended');
    this.buffered += this.decoder.decode(value, { stream: true });
  }

  private parse(block: string): SentEvent | undefined {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const at = line.indexOf(':');
      if (at === 0) this.comments.push(line.slice(1));
      else fields.set(line.slice(0, at), line.slice(at + 1).replace(/^ /, ''));
    }
    const [data, id, retry] = ['data', 'id', 'retry'].map((name) => fields.get(name));
    if (retry !== undefined) this.retryMs = Number(retry);
    if (id !== undefined) this.lastEventId = id;
    if (data === undefined) return undefined;
    return { event: fields.get('event') ?? 'message', ...(id !== undefined && { id }), data: JSON.parse(data) };
  }
}
