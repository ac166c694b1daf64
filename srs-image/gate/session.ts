import { connect, type Socket } from 'node:net';
import type { GateLimits } from '../../functions/contract/gate';
import { Guard, type Stage } from './guard';
import { plainAddress, readProxyHeader } from './proxy-header';
import { GateRefusal, type Reason } from './refusal';

export interface GateSessionDeps {
  readonly limits: GateLimits;
  readonly srsPort: number;
  /** True if a PROXY header comes first. */
  readonly isProxied: boolean;
  /** Milliseconds that only grow. */
  readonly now: () => number;
  /** Lets the client in, once it is known who it is. Throws `GateRefusal`. */
  readonly enter: (session: GateSession) => void;
  /** The loopback address to connect to SRS from; nothing: any. */
  readonly source: (session: GateSession) => string | undefined;
  readonly passed: (direction: 'in' | 'out', bytes: number) => void;
  /** Called once. `refusal`: why, if it was not one side's own doing. */
  readonly ended: (session: GateSession, refusal: GateRefusal | undefined) => void;
}

/** The time in which a side may read the data that was sent before the other left. */
const LINGER_MS = 5000;

/**
 * One client and its own connection to SRS: judged one way, untouched the other, each side read as fast as the other
 * takes it.
 */
export class GateSession {
  /** The client, as far as it is known. */
  client: string;
  private readonly guard: Guard;
  private readonly startedAt: number;
  private heardAt: number;
  private toldAt: number;
  private server: Socket | undefined;
  private header: Buffer | undefined;
  private waiting: NodeJS.Timeout | undefined;
  private lingering: NodeJS.Timeout | undefined;
  private readonly left = new Set<Socket>();
  private over = false;

  constructor(
    private readonly socket: Socket,
    private readonly deps: GateSessionDeps,
  ) {
    this.client = plainAddress(socket.remoteAddress ?? '');
    this.guard = new Guard(deps.limits);
    this.startedAt = this.heardAt = this.toldAt = deps.now();
    if (deps.isProxied) this.header = Buffer.alloc(0);
    socket.on('data', (read) => this.attempt(() => this.hear(read)));
    socket.on('end', () => this.leave(socket, this.server));
    socket.on('error', () => this.end());
    socket.on('close', () => this.leave(socket, this.server));
  }

  start(): void {
    if (!this.deps.isProxied) this.attempt(() => this.deps.enter(this));
  }

  /** Ends the session when one of its times is over. */
  look(): void {
    const reason = this.overdue();
    if (reason !== undefined) this.end(new GateRefusal(reason, `its time was over in the stage '${this.guard.stage}'`));
  }

  /** Reads no more of the client; SRS gets what is on its way, and knows that it was the end. */
  hangUp(): void {
    this.socket.pause();
    this.leave(this.socket, this.server);
  }

  end(refusal?: GateRefusal): void {
    if (this.over) return;
    this.over = true;
    for (const timer of [this.waiting, this.lingering]) clearTimeout(timer);
    this.socket.destroy();
    this.server?.destroy();
    this.deps.ended(this, refusal);
  }

  private overdue(): Reason | undefined {
    const { limits, now } = this.deps;
    const at = now();
    const stages: Readonly<Record<Stage, readonly [number, number, Reason]>> = {
      handshake: [this.startedAt, limits.handshakeMs, 'handshake_time'],
      connect: [this.startedAt, limits.connectMs, 'connect_time'],
      publish: [this.startedAt, limits.publishMs, 'publish_time'],
      publisher: [this.heardAt, limits.publisherIdleMs, 'idle_time'],
      player: [Math.max(this.heardAt, this.toldAt), limits.playerIdleMs, 'idle_time'],
    };
    const [since, mostMs, reason] = stages[this.guard.stage];
    return at - since > mostMs ? reason : undefined;
  }

  /** Runs `work`. An error in it ends this session, and no other. */
  private attempt(work: () => void): void {
    if (this.over) return;
    try {
      work();
    } catch (error) {
      this.end(error instanceof GateRefusal ? error : new GateRefusal('amf_value', `not read: ${String(error)}`));
    }
  }

  private hear(read: Buffer): void {
    this.heardAt = this.deps.now();
    this.deps.passed('in', read.length);
    if (this.left.size > 0) return;
    const rest = this.header === undefined ? read : this.afterHeader(Buffer.concat([this.header, read]));
    if (rest !== undefined && rest.length > 0) this.judge(rest);
  }

  private afterHeader(begun: Buffer): Buffer | undefined {
    const header = readProxyHeader(begun);
    this.header = header === undefined ? begun : undefined;
    if (header === undefined) return undefined;
    this.client = header.client === undefined ? this.client : plainAddress(header.client);
    this.deps.enter(this);
    return begun.subarray(header.bytes);
  }

  private judge(read: Buffer): void {
    const { pieces, waitMs } = this.guard.take(read, this.deps.now());
    const server = this.server ?? this.open();
    server.cork();
    for (const piece of pieces) server.write(piece);
    server.uncork();
    if (waitMs > 0) this.wait(waitMs);
    if (server.writableNeedDrain) this.socket.pause();
  }

  /** Reads on later. Whatever comes first, the wait or the other side's reading, the later one resumes. */
  private wait(ms: number): void {
    this.socket.pause();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.waiting = undefined;
      if (this.server?.writableNeedDrain !== true) this.socket.resume();
    }, ms);
  }

  private open(): Socket {
    const { srsPort, source } = this.deps;
    const localAddress = source(this);
    const server = connect({ host: '127.0.0.1', port: srsPort, noDelay: true, ...(localAddress && { localAddress }) });
    this.server = server;
    server.on('drain', () => {
      if (this.waiting === undefined) this.socket.resume();
    });
    server.on('data', (read) => this.tell(read));
    server.on('end', () => this.leave(server, this.socket));
    server.on('error', (error) =>
      this.end(server.connecting ? new GateRefusal('no_server', error.message) : undefined),
    );
    server.on('close', () => this.leave(server, this.socket));
    this.socket.on('drain', () => server.resume());
    return server;
  }

  private tell(read: Buffer): void {
    this.toldAt = this.deps.now();
    this.deps.passed('out', read.length);
    if (!this.socket.write(read)) this.server?.pause();
  }

  /** One side has said all it will: the other gets what is on its way, and a little time to leave by itself. */
  private leave(side: Socket, other: Socket | undefined): void {
    this.left.add(side);
    if (this.over) return;
    if (other === undefined || other.destroyed) {
      this.end();
      return;
    }
    const isLast = this.left.size === 2;
    this.lingering ??= setTimeout(() => this.end(), LINGER_MS);
    other.end(() => {
      if (isLast) this.end();
    });
  }
}
