import { createServer, type Server, type Socket } from 'node:net';
import type { GateEnv } from '../../functions/contract/gate';
import type { Log } from '../../functions/ports/stores';
import { GateRefusal } from './refusal';
import { GateSession } from './session';
import { Sources } from './sources';
import { Subscribers } from './subscribers';
import { Tally } from './tally';

export interface GateDeps {
  readonly env: GateEnv;
  readonly log: Log;
  /** Unix milliseconds as of the process's start, which only grow. */
  readonly now: () => number;
  /** Runs it again and again until what it answers is called. */
  readonly every: (ms: number, run: () => void) => () => void;
}

/** Times are looked at as often. */
const POLL_INTERVAL_MS = 500;
/** Connections that wait to be accepted by the kernel. */
const BACKLOG = 511;

/** The only way to SRS's RTMP. */
export class Gate {
  readonly tally: Tally;
  private readonly sources = new Sources();
  private readonly subscribers: Subscribers;
  /** Each with what is to be undone at its end. */
  private readonly sessions = new Map<GateSession, (() => void)[]>();
  private servers: Server[] = [];
  private stopLooking = (): void => undefined;

  constructor(private readonly deps: GateDeps) {
    this.tally = new Tally(deps.log, deps.now());
    this.subscribers = new Subscribers(deps.env.limits);
  }

  get open(): number {
    return this.sessions.size;
  }

  /** The client behind a loopback address that SRS names. */
  clientOf(source: string): string | undefined {
    return this.sources.clientOf(source);
  }

  /** Rejects with one sentence when a port cannot be bound. */
  async start(): Promise<void> {
    const { host, rtmpPort, proxyPort } = this.deps.env;
    this.stopLooking = this.deps.every(POLL_INTERVAL_MS, () => this.look());
    this.servers.push(await this.listen(host, rtmpPort, false));
    if (proxyPort !== undefined) this.servers.push(await this.listen(host, proxyPort, true));
  }

  /** Takes nobody any more; who is there stays until `endAll`. */
  close(): void {
    for (const server of this.servers) server.close();
    this.servers = [];
  }

  /** Begins to end every session. */
  hangUp(): void {
    for (const session of [...this.sessions.keys()]) session.hangUp();
  }

  endAll(): void {
    this.stopLooking();
    for (const session of [...this.sessions.keys()]) session.end();
  }

  private listen(host: string, port: number, isProxied: boolean): Promise<Server> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.accept(socket, isProxied));
    return new Promise((resolve, reject) => {
      server.once('error', (error) => reject(new Error(`cannot listen on ${host}:${port}: ${error.message}`)));
      server.listen({ host, port, backlog: BACKLOG }, () => resolve(server));
    });
  }

  private accept(socket: Socket, isProxied: boolean): void {
    const { env, now } = this.deps;
    this.tally.connections += 1;
    const session = new GateSession(socket, {
      limits: env.limits,
      srsPort: env.srsPort,
      isProxied,
      now,
      enter: (entering) => this.enter(entering),
      source: (entering) => this.source(entering),
      passed: (direction, bytes) => {
        this.tally.bytes[direction] += bytes;
      },
      ended: (over, refusal) => this.ended(over, refusal),
    });
    this.sessions.set(session, []);
    if (this.sessions.size > env.limits.connections)
      session.end(new GateRefusal('connections', `more than ${env.limits.connections} connections`));
    else session.start();
  }

  private enter(session: GateSession): void {
    const leave = this.subscribers.enter(session.client, this.deps.now());
    this.sessions.get(session)?.push(leave);
  }

  private source(session: GateSession): string | undefined {
    if (!this.deps.env.sourceAddresses) return undefined;
    const address = this.sources.give(session.client);
    this.sessions.get(session)?.push(() => this.sources.release(address, this.deps.now()));
    return address;
  }

  private ended(session: GateSession, refusal: GateRefusal | undefined): void {
    for (const undo of this.sessions.get(session) ?? []) undo();
    this.sessions.delete(session);
    if (refusal !== undefined) this.tally.refuse(session.client, refusal, this.deps.now());
  }

  private look(): void {
    const now = this.deps.now();
    this.tally.turn(now);
    this.sources.forget(now);
    for (const session of this.sessions.keys()) session.look();
  }
}
