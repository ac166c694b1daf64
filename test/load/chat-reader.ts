import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A reader of a chat as a page is one: it connects again with the number of its last event. */
export class ChatReader {
  /** The time at which each message came, by its number; one that came twice is in `doubled`. */
  readonly heard = new Map<number, number>();
  readonly doubled: number[] = [];
  connects = 0;
  private lastEventId: string | undefined;
  private retryMs = 1000;
  private isOver = false;
  private response: IncomingMessage | undefined;

  /** `url`: of the room on the instance that takes readers now. */
  constructor(
    private readonly url: () => string,
    private readonly address: string,
  ) {}

  /** Resolves with the first event of the first connection; reads on until `stop`. */
  async start(): Promise<void> {
    await this.connect();
  }

  stop(): void {
    this.isOver = true;
    this.response?.destroy();
  }

  private connect(): Promise<void> {
    const headers = {
      'X-Forwarded-For': `${this.address}, 10.0.0.1`,
      ...(this.lastEventId !== undefined && { 'Last-Event-ID': this.lastEventId }),
    };
    return new Promise((resolve) => {
      const again = () => void this.reconnect();
      const request = get(this.url(), { headers, agent: false }, (response) => {
        this.response = response;
        this.connects += 1;
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          resolve();
          text += chunk;
          const end = text.lastIndexOf('\n\n');
          if (end < 0) return;
          for (const block of text.slice(0, end).split('\n\n')) this.take(block);
          text = text.slice(end + 2);
        });
        response.on('error', () => undefined);
        response.on('close', again);
      });
      request.on('error', again);
    });
  }

  private async reconnect(): Promise<void> {
    await sleep(this.retryMs);
    if (!this.isOver) await this.connect();
  }

  private take(block: string): void {
    const fields = new Map(block.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]));
    this.retryMs = Number(fields.get('retry') ?? this.retryMs);
    this.lastEventId = fields.get('id') ?? this.lastEventId;
    if (fields.get('event') !== 'message') return;
    const number = Number(fields.get('id'));
    if (this.heard.has(number)) this.doubled.push(number);
    else this.heard.set(number, performance.now());
  }
}
