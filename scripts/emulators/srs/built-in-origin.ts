import type { Socket } from 'node:net';
import { resolve, sep } from 'node:path';
import { randomId } from '../../../functions/adapters/system';
import type { Log } from '../../../functions/ports/stores';
import type { HlsRule } from './config';
import type { FlvPlayer } from './flv-player';
import { Frames } from './frames';
import { HlsFolder } from './hls-folder';
import { type HlsSegment, hookBodies, type PostHook, type SrsIdentity, type Visitor } from './hooks';
import { type Client, LiveStream, type Player, type RtmpClient } from './live-stream';
import { type MediaMessage, RtmpConnection } from './rtmp-connection';
import type { RtmpRequest } from './rtmp-request';
import { SegmentCutter } from './segment-cutter';

export interface BuiltInDependencies {
  readonly identity: SrsIdentity;
  readonly hlsRoot: string;
  readonly hls: HlsRule;
  readonly post: PostHook;
  readonly log: Log;
}

/** The time for which SRS 6 keeps an unused source: a republish within it continues numbers and window. */
const SOURCE_LIFE_MS = 3000;

/** Admission, publishing and playing as SRS 6.0.157 does them. */
export class BuiltInOrigin {
  readonly clients = new Map<string, Client>();
  private readonly known = new Map<string, LiveStream>();
  private readonly connections = new Set<Pick<RtmpConnection, 'destroy'>>();
  private readonly visits = new Set<Promise<void>>();
  private readonly bodies: ReturnType<typeof hookBodies>;
  private stopping = false;

  constructor(private readonly deps: BuiltInDependencies) {
    this.bodies = hookBodies(deps.identity);
  }

  /** Streams with a publisher or a client. */
  get streams(): readonly LiveStream[] {
    return [...this.known.values()].filter((stream) => stream.clients.size > 0);
  }

  accept(socket: Socket): void {
    const connection = new RtmpConnection(socket);
    this.attend(
      connection,
      Promise.race([connection.asked, connection.gone]).then((request) =>
        request ? this.serve(connection, request) : undefined,
      ),
    );
  }

  /** Plays a stream by HTTP-FLV. Returns false while the stream has no publisher. */
  playFlv(player: FlvPlayer, asked: Pick<Visitor, 'app' | 'stream' | 'param'>): boolean {
    const stream = this.known.get(`${asked.app}/${asked.stream}`);
    if (stream === undefined || !stream.busy) return false;
    this.attend(player, this.serveFlv(player, stream, asked));
    return true;
  }

  private attend(connection: Pick<RtmpConnection, 'destroy'>, work: Promise<void>): void {
    this.connections.add(connection);
    const visit = work
      .catch((error: unknown) => this.deps.log.error('client_failed', { error }))
      .finally(() => {
        connection.destroy();
        this.connections.delete(connection);
        this.visits.delete(visit);
      });
    this.visits.add(visit);
  }

  /** Disconnects a client. Returns false if there is no such client. */
  kick(clientId: string): boolean {
    const client = this.clients.get(clientId);
    client?.connection.destroy();
    return client !== undefined;
  }

  /**
   * Closes every client; resolves after the hooks of the last segments. It sends no hook for the clients: SRS does not
   * either.
   */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const connection of this.connections) connection.destroy();
    await Promise.allSettled(this.visits);
  }

  private async serve(connection: RtmpConnection, request: RtmpRequest): Promise<void> {
    const client = this.enter(connection, request);
    try {
      if (!(await this.deps.post(this.bodies.connect(client.visitor)))) return;
      await (request.kind === 'publish' ? this.publish(client) : this.play(client));
    } finally {
      connection.destroy();
      this.leave(client);
      await this.tell(this.bodies.close(client.visitor, connection.bytes));
    }
  }

  private async publish(client: RtmpClient): Promise<void> {
    const { stream, visitor } = client;
    if (!(await this.deps.post(this.bodies.publish(visitor)))) return;
    // SRS calls the hook first and checks afterwards: the agent kicks the old publisher during the hook.
    if (stream.busy || this.stopping || !this.isInside(visitor.app, visitor.stream)) {
      this.deps.log.warn('publisher_closed', { app: visitor.app, stream: visitor.stream, busy: stream.busy });
      return;
    }
    stream.hold(client);
    try {
      await this.pack(client);
    } finally {
      stream.release();
    }
    await this.tell(this.bodies.unpublish(visitor));
  }

  /** Runs until the publisher is gone and the hook of its last segment was sent. */
  private async pack({ stream, visitor, connection }: RtmpClient): Promise<void> {
    let told: Promise<unknown> = Promise.resolve();
    stream.hls.begin((segment: HlsSegment) => {
      told = told.then(() => this.deps.post(this.bodies.hls(visitor, segment)));
    });
    const frames = new Frames();
    const cutter = new SegmentCutter(stream.hls, this.deps.hls);
    connection.startPublishing((message: MediaMessage) => {
      stream.relay(message);
      if (message.kind === 'script') return;
      const frame = frames.next(message.flvTag);
      if (frame !== undefined) cutter.push(frame);
    });
    await connection.gone;
    cutter.end();
    await told;
  }

  private async play({ stream, visitor, connection }: RtmpClient): Promise<void> {
    if (!(await this.deps.post(this.bodies.play(visitor)))) return;
    connection.startPlaying();
    await this.watch(connection, stream, visitor);
  }

  private async watch(player: Player, stream: LiveStream, visitor: Visitor): Promise<void> {
    stream.join(player);
    await player.gone;
    stream.leave(player);
    await this.tell(this.bodies.stop(visitor));
  }

  /** Serves FLV as SRS does: on_play without on_connect, and a refused connection is cut without an answer. */
  private async serveFlv(
    player: FlvPlayer,
    stream: LiveStream,
    asked: Pick<Visitor, 'app' | 'stream' | 'param'>,
  ): Promise<void> {
    const url = { ...asked, tcUrl: `rtmp://__defaultVhost__/${asked.app}`, pageUrl: '' };
    const visitor = { ...url, clientId: randomId(8), ip: player.ip, streamId: stream.id };
    const client: Client = { connection: player, request: { kind: 'play' }, visitor, stream };
    this.clients.set(visitor.clientId, client);
    stream.clients.add(client);
    try {
      if (!(await this.deps.post(this.bodies.play(visitor))) || !stream.busy) return;
      player.begin();
      await this.watch(player, stream, visitor);
    } finally {
      player.destroy();
      this.leave(client);
    }
  }

  private async tell(body: Parameters<PostHook>[0]): Promise<void> {
    if (!this.stopping) await this.deps.post(body);
  }

  private enter(connection: RtmpConnection, request: RtmpRequest): RtmpClient {
    const stream = this.streamOf(request.app, request.stream);
    const visitor = { ...request, clientId: randomId(8), ip: connection.ip, streamId: stream.id };
    const client = { connection, request, visitor, stream };
    this.clients.set(visitor.clientId, client);
    stream.clients.add(client);
    return client;
  }

  private leave(client: Client): void {
    const { stream, visitor } = client;
    this.clients.delete(visitor.clientId);
    stream.clients.delete(client);
    const key = `${visitor.app}/${visitor.stream}`;
    setTimeout(() => {
      if (stream.clients.size === 0 && this.known.get(key) === stream) this.known.delete(key);
    }, SOURCE_LIFE_MS).unref();
  }

  private streamOf(app: string, name: string): LiveStream {
    const key = `${app}/${name}`;
    const stream =
      this.known.get(key) ?? new LiveStream(app, name, new HlsFolder(this.deps.hlsRoot, key, this.deps.hls));
    this.known.set(key, stream);
    return stream;
  }

  /** Returns false for a name that leads outside the folder. SRS would write there; this origin does not. */
  private isInside(app: string, stream: string): boolean {
    return resolve(this.deps.hlsRoot, app, stream).startsWith(resolve(this.deps.hlsRoot) + sep);
  }
}
