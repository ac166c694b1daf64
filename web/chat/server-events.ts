/** One server-sent event. `id`: absent where the event has none of its own. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  readonly id?: string;
}

/** An event is some kilobytes; more without an end is no event. */
const MAX_PENDING = 64 * 1024;

/** Parser of server-sent events, from text in any pieces. HTML Living Standard, 9.2.6 */
export class ServerEvents {
  private pending = '';
  private name = '';
  private data: string[] = [];
  private id: string | undefined;
  /** The wait before the next connection in milliseconds, as the server asked; absent until it does. */
  retryMs: number | undefined;

  /** Takes the next text, and returns the events that it ends. Throws for an event without an end. */
  take(text: string): ServerEvent[] {
    const lines = (this.pending + text).split(/\r\n|\n|\r(?!$)/);
    this.pending = lines.pop() ?? '';
    if (this.pending.length > MAX_PENDING) throw new Error(`an event of more than ${MAX_PENDING} characters`);
    return lines.flatMap((line) => this.line(line));
  }

  private line(line: string): ServerEvent[] {
    if (line === '') return this.end();
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') this.name = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.id = value;
    else if (field === 'retry' && /^\d{1,6}$/.test(value)) this.retryMs = Number(value);
    return [];
  }

  private end(): ServerEvent[] {
    const { name, data, id } = this;
    this.name = '';
    this.data = [];
    this.id = undefined;
    if (data.length === 0) return [];
    return [{ event: name === '' ? 'message' : name, data: data.join('\n'), ...(id !== undefined && { id }) }];
  }
}
