import { LocalMedia } from './local-media';
import { type SessionStatus, Statuses } from './statuses';
import { Stream, type StreamOptions } from './stream';

/** Options of `createSession`. */
export interface SessionOptions {
  /** The public host, such as `https://live.example.com`. @default where the page came from */
  readonly urlServer?: string;
  /**
   * ICE servers and policy of every connection: `{ iceTransportPolicy: 'relay' }` goes through TURN alone. @default
   * what the server names
   */
  readonly mediaOptions?: RTCConfiguration;
}

const BEAT_MS = 10_000;
const ANSWER_MS = 8000;
/** Beats in a row without an answer after which the session is DISCONNECTED. */
const MISSED = 2;

/**
 * A session with the platform, which makes streams. It keeps no connection: it asks the API at first and every ten
 * seconds whether it answers. Media does not pass through it, so streams go on while it is DISCONNECTED, and it becomes
 * ESTABLISHED again by itself.
 */
export class Session {
  private readonly statuses = new Statuses<SessionStatus>('PENDING');
  private readonly streams = new Set<Stream>();
  private readonly local = new LocalMedia();
  private readonly server: string;
  private readonly stopping = new AbortController();

  constructor(
    private readonly options: SessionOptions,
    private readonly send: typeof fetch = fetch.bind(globalThis),
  ) {
    this.server = serverOf(options.urlServer ?? location.origin);
    // After the page has put its listeners on.
    setTimeout(() => void this.run());
  }

  status(): SessionStatus {
    return this.statuses.now;
  }

  /**
   * Tells whether it is over for good: by `disconnect()`, or FAILED. A session that has lost the server is not over.
   */
  get isOver(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Calls `listener` each time the session gets this status. Can be chained. */
  on(status: SessionStatus, listener: (session: Session) => void): this {
    this.statuses.on(status, () => listener(this));
    return this;
  }

  /** Makes a stream to `publish()` or to `play()`. */
  createStream(options: StreamOptions): Stream {
    if (this.stopping.signal.aborted) throw new Error('the session is over: make another with createSession');
    const { server, local } = this;
    const mediaOptions = this.options.mediaOptions ?? {};
    const stream = new Stream(options, { server, local, mediaOptions, ended: (each) => this.streams.delete(each) });
    this.streams.add(stream);
    return stream;
  }

  /** Stops every stream, turns kept devices off, and ends the session. */
  async disconnect(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    await Promise.all([...this.streams].map((stream) => stream.stop()));
    this.local.release();
    this.statuses.become('DISCONNECTED');
  }

  private async run(): Promise<void> {
    const isThere = await this.answers();
    if (this.stopping.signal.aborted) return;
    if (!isThere) {
      this.stopping.abort();
      return this.statuses.become('FAILED');
    }
    this.statuses.become('ESTABLISHED');
    for (let missed = 0; !this.stopping.signal.aborted; ) {
      await new Promise((resolve) => setTimeout(resolve, BEAT_MS));
      if (this.stopping.signal.aborted) return;
      missed = (await this.answers()) ? 0 : missed + 1;
      if (this.stopping.signal.aborted) return;
      if (missed === 0) this.statuses.become('ESTABLISHED');
      else if (missed >= MISSED) this.statuses.become('DISCONNECTED');
    }
  }

  private async answers(): Promise<boolean> {
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(ANSWER_MS)]);
    const answer = await this.send(`${this.server}/api/v1/health`, { signal, cache: 'no-store' }).catch(
      () => undefined,
    );
    return answer?.ok === true;
  }
}

/** Returns the origin of a server's address. Pages for other SDKs write `wss://`; it is the same host. */
function serverOf(url: string): string {
  const web = url.trim().replace(/^ws(s?):\/\//i, 'http$1://');
  if (!URL.canParse(web) || !/^https?:$/.test(new URL(web).protocol))
    throw new Error(`urlServer: '${url}': use an address that begins with https:// or http://`);
  return new URL(web).origin;
}
