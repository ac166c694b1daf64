import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { memoryObjectStore } from '../../../functions/adapters/memory/object-store';
import type { PushedSession, SessionGrant } from '../../../functions/contract/hooks/srs';
import type { SessionEncryption } from '../../../functions/contract/objects/encryption';
import { segmentName, sessionPlaylistName } from '../../../functions/contract/objects/layout';
import { DomainError } from '../../../functions/core/errors';
import { type MediaPlaylist, parseMediaPlaylist } from '../../../functions/core/playlist/media-playlist';
import type { Log, ObjectStore } from '../../../functions/ports/stores';
import { Agent } from '../../../srs-image/agent/agent';
import type { AgentDeps } from '../../../srs-image/agent/config/agent-deps';
import type { Settings } from '../../../srs-image/agent/config/settings';
import { type AgentReply, type AgentRequest, replyTo } from '../../../srs-image/agent/http/listener';
import { diskPlayNotes } from '../../../srs-image/agent/playback/play-notes';
import type { GateClients, SrsApi, SrsPlayer, SrsStream } from '../../../srs-image/agent/runtime/ports';
import type { Spool } from '../../../srs-image/agent/session/ports';
import { diskSegmentFolder } from '../../../srs-image/agent/session/segment-folder';
import { diskSpool } from '../../../srs-image/agent/session/spool';
import { ramFolder } from '../../support/ram-folder';
import { type VirtualClock, virtualClock } from '../../support/virtual-clock';

export const STREAM = 'abcdefghij012345';
export const KEY = `sk_${'a'.repeat(32)}`;
export const SERVICE = 'service1';
/** The one account that may call the public listener; in these tests a token is the account it is of. */
export const API = 'api@project.iam.gserviceaccount.com';
/** The account of nodes. */
export const NODE = 'node@project.iam.gserviceaccount.com';

export function requestOf(
  method: string,
  target: string,
  {
    body,
    headers = {},
    gone = new AbortController().signal,
    address = '192.0.2.1',
  }: { body?: string; headers?: Record<string, string>; gone?: AbortSignal; address?: string } = {},
): AgentRequest {
  const { pathname, searchParams } = new URL(target, 'http://agent');
  return {
    method,
    path: pathname,
    query: searchParams,
    header: (name) => headers[name],
    body: async () => body,
    address,
    gone,
  };
}

export interface LogLine {
  severity: keyof Log;
  event: string;
  fields: Readonly<Record<string, unknown>>;
}

function listLog(lines: LogLine[]): Log {
  const to =
    (severity: keyof Log) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ severity, event, fields });
    };
  return { info: to('info'), warn: to('warn'), error: to('error') };
}

export const grantOf = (ordinal: number, more: Partial<SessionGrant> = {}): SessionGrant => ({
  streamId: STREAM,
  sessionId: `${ordinal}-aaaaaaaa`,
  ordinal,
  broadcastId: 'b1-aaaaaaaa',
  policy: 'open',
  recording: true,
  dvrWindowSeconds: 30,
  reconnectWindowSeconds: 60,
  ...more,
});

/** SRS as its folder and API look from outside; hooks are sent by the test. */
export class FakeSrs {
  serviceId = SERVICE;
  up = true;
  /** False: a kick is heard, and nobody goes. */
  obeys = true;
  streams: SrsStream[] = [];
  /** Connections that play, as its API lists them. */
  players: SrsPlayer[] = [];
  readonly kicked: string[] = [];
  private seqNo = 0;
  private listed: string[] = [];
  private readonly files: string[] = [];

  constructor(
    private readonly root: string,
    private readonly now: () => number,
  ) {}

  publishing(clientId: string, stream = STREAM): void {
    const media = { video: { codec: 'H264', width: 320, height: 180 }, audio: { codec: 'AAC', profile: 'LC' } };
    this.streams = [
      ...this.streams.filter(({ name }) => name !== stream),
      { app: 'live', name: stream, active: true, clientId, media, receivedBytes: 0, sentBytes: 0 },
    ];
  }

  left(clientId: string): void {
    this.streams = this.streams.map((each) => (each.clientId === clientId ? { ...each, active: false } : each));
  }

  /** Sends a hook to the agent, also while a request of the agent's own waits. */
  ask: (action: string, fields: Record<string, unknown>, clientId: string) => Promise<AgentReply> = async () => {
    throw new Error('no agent');
  };
  /** WHIP clients that were let in look for a way to SRS yet. */
  isConnecting = false;
  /**
   * The clients that hold the name of a stream without publishing it: nobody else gets it before 35 s (5.0.216,
   * 6.0.157).
   */
  private readonly holding = new Map<string, string>();
  /** Queries of WHIP, WHEP and FLV requests, in order. */
  readonly queries: string[] = [];
  private clients = 0;

  readonly rtc: AgentDeps['rtc'] = {
    offer: async ({ kind, streamId, secret, ticket, address }, sdp) => {
      const secretPart = secret === undefined ? '' : `&${kind === 'publish' ? 'key' : 'token'}=${secret}`;
      const param = `app=live&stream=${streamId}${secretPart}&ticket=${ticket}`;
      this.queries.push(param);
      if (!sdp.startsWith('v=0') || (kind === 'publish' && this.holding.has(streamId))) throw closedByPeer();
      await this.letIn(kind === 'publish' ? 'on_publish' : 'on_play', {
        stream: streamId,
        tcUrl: '',
        param,
        ip: address,
      });
      return { kind: 'answered', sdp: ANSWER };
    },
  };

  /** The media of HTTP-FLV. */
  media: (signal?: AbortSignal) => Readable | Promise<Readable> = () => Readable.from([Buffer.from('FLV')]);

  readonly flv: AgentDeps['flv'] = {
    play: async ({ streamId, secret, ticket, signal }) => {
      const param = `?${secret === undefined ? '' : `token=${secret}&`}ticket=${ticket}`;
      await this.letIn('on_play', { stream: streamId, tcUrl: 'rtmp://__defaultVhost__/live', param });
      const media = await this.media(signal);
      // As fetch: its signal ends the body too.
      signal?.addEventListener('abort', () => void media.destroy());
      return media;
    },
  };

  private async letIn(action: string, fields: { stream: string } & Record<string, unknown>): Promise<void> {
    this.clients += 1;
    const clientId = `media${this.clients}`;
    const reply = await this.ask(action, fields, clientId);
    if (!isAccepted(reply)) throw closedByPeer();
    if (action !== 'on_publish') return;
    if (this.isConnecting) this.holding.set(fields.stream, clientId);
    else this.publishing(clientId, fields.stream);
  }

  readonly api = {
    streams: async () => {
      if (!this.up) throw new Error('connect ECONNREFUSED');
      return { serviceId: this.serviceId, streams: this.streams };
    },
    players: async () => {
      if (!this.up) throw new Error('connect ECONNREFUSED');
      return { serviceId: this.serviceId, players: this.players };
    },
    kick: async (clientId: string) => {
      this.kicked.push(clientId);
      if (!this.obeys) return;
      this.players = this.players.filter((player) => player.clientId !== clientId);
      this.left(clientId);
      for (const [stream, holder] of this.holding) if (holder === clientId) this.holding.delete(stream);
    },
  };

  /** Closes a segment of 2 s that ends now. `seqNo` and `listed` as SRS has them, unless the test says otherwise. */
  segment(options: SegmentOptions = {}): SrsSegment {
    const { stream = STREAM, durationMs = 2000, listed = true, bytes = 1000, openMs = durationMs, media } = options;
    const seqNo = options.seqNo ?? this.seqNo;
    this.seqNo = seqNo + 1;
    const name = `${this.now() - openMs + 10}-${seqNo}.ts`;
    const folder = join(this.root, 'live', stream);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, `${name}.tmp`),
      bytes === 0 ? '' : `${stream} ${name}`.padEnd(Math.min(bytes, 1 << 20), '.'),
    );
    if (media !== undefined) writeFileSync(join(folder, `${name}.tmp`), media);
    // A large one is a hole in a file: nobody has to carry its bytes.
    if (bytes > 1 << 20) truncateSync(join(folder, `${name}.tmp`), bytes);
    utimesSync(join(folder, `${name}.tmp`), this.now() / 1000, this.now() / 1000);
    renameSync(join(folder, `${name}.tmp`), join(folder, name));
    if (listed)
      this.listed = [...this.listed, `#EXTINF:${(durationMs / 1000).toFixed(3)}, no desc\n${name}`].slice(-15);
    const text = `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:3\n${this.listed.join('\n')}\n`;
    writeFileSync(join(folder, 'live.m3u8'), text);
    this.clean(join(folder, name));
    return { stream, name, seqNo, durationMs, path: join(folder, name) };
  }

  /** `hls_cleanup`: what left the window is unlinked. */
  private clean(newest: string): void {
    this.files.push(newest);
    if (this.files.length > 16) rmSync(this.files.shift() ?? '', { force: true });
  }

  remove({ path }: SrsSegment): void {
    unlinkSync(path);
  }
}

export interface SegmentOptions {
  stream?: string;
  seqNo?: number;
  /** The duration that SRS reports. @default 2000 */
  durationMs?: number;
  listed?: boolean;
  bytes?: number;
  /** The time for which SRS had it open. @default `durationMs` */
  openMs?: number;
  /** A real transport stream. @default text, which has no clock */
  media?: Uint8Array;
}

export interface SrsSegment {
  stream: string;
  name: string;
  seqNo: number;
  durationMs: number;
  path: string;
}

/** srs-hooks: admits every client with the right key, each with the next ordinal. */
export class FakeCloud {
  away = false;
  readonly heard: { path: string; body: Record<string, unknown> }[] = [];
  commands: unknown[] = [];
  /** Streams that other nodes have. */
  locations: { streamId: string; agentUrl: string; copies?: { edge: string; agentUrl: string }[] }[] = [];
  /** The time for which a wrong key is held back. */
  holdMs: number | undefined;
  /** The delay of an answer to on_publish. */
  slowMs = 0;
  sleep: (ms: number) => Promise<void> = async () => undefined;
  /** On_publishes under way at a time, at most. */
  most = 0;
  private underWay = 0;
  /** Without it anybody plays. */
  playToken: string | undefined;
  /** The code with which any other token is refused. */
  playRefusal = 'not_playable';
  /** The grant that everybody who plays has. */
  play: { grantId: string; until: number } | undefined;
  /** Pages that may read what a viewer gets. */
  allowedOrigins: string[] | undefined;
  grant: Partial<SessionGrant> = {};
  /** The encryption of every session. @default none */
  encryption: SessionEncryption | undefined;
  /** Sessions that may be pushed to this edge, by the `param` of the push. */
  readonly pushes = new Map<string, PushedSession>();
  private readonly admitted = new Map<string, SessionGrant>();

  readonly hooks = {
    post: async (path: string, body: object) => {
      if (this.away) throw new Error('connect ECONNREFUSED');
      const fields: Record<string, unknown> = { ...body };
      this.heard.push({ path, body: fields });
      if (path.endsWith('/locations')) return { status: 200, body: { locations: this.locations } };
      if (path.endsWith('/heartbeat')) return { status: 200, body: { commands: this.commands } };
      if (
        path.endsWith('/on_play') &&
        this.playToken !== undefined &&
        !`${fields.param}`.includes(`token=${this.playToken}`)
      )
        return { status: 403, body: { code: 403, error: this.playRefusal, message: 'the stream is gated' } };
      if (path.endsWith('/on_play'))
        return { status: 200, body: { code: 0, play: this.play, allowedOrigins: this.allowedOrigins } };
      if (path.endsWith('/on_publish') && this.slowMs > 0) await this.slowly();
      return path.endsWith('/on_publish') ? this.publish(fields) : { status: 200, body: { code: 0 } };
    },
  };

  /** Clients whose `action` was heard. */
  clients(action: string): unknown[] {
    return this.heard.filter(({ path }) => path.endsWith(`/${action}`)).map(({ body }) => body.client_id);
  }

  heartbeats(): Record<string, unknown>[] {
    return this.heard.filter(({ path }) => path.endsWith('/heartbeat')).map(({ body }) => body);
  }

  private async slowly(): Promise<void> {
    this.underWay += 1;
    this.most = Math.max(this.most, this.underWay);
    await this.sleep(this.slowMs);
    this.underWay -= 1;
  }

  private publish({ client_id: client, param, stream }: Record<string, unknown>) {
    const push = this.pushes.get(`${param}`);
    if (push !== undefined) return { status: 200, body: { code: 0, push } };
    if (!`${param}`.split(/[?&]/).includes(`key=${KEY}`))
      return {
        status: 403,
        body: { code: 403, error: 'wrong_key', message: 'the key is not this stream’s', holdMs: this.holdMs },
      };
    const before = this.admitted.get(`${client}`);
    const session = before ?? grantOf(this.admitted.size + 1, { streamId: `${stream}`, ...this.grant });
    this.admitted.set(`${client}`, session);
    return { status: 200, body: { code: 0, session, encryption: this.encryption } };
  }
}

type RigEnv = AgentDeps['env'] & Settings;

const ENV: RigEnv = {
  role: 'origin',
  segmentSeconds: 2,
  heartbeatSeconds: 2,
  sessionWindowSeconds: 600,
  spoolLimitBytes: 1 << 30,
  evacuateAfterSeconds: 1800,
  uploadsAtOnce: 32,
  flvViewers: { perNode: 5, perStream: 3, perAddress: 2 },
  playerOrigins: ['*'],
  peers: [NODE],
  callers: [API],
  logLevel: 'info',
};

export interface RigOptions {
  env?: Partial<RigEnv>;
  through?: (store: ObjectStore) => ObjectStore;
  /** The spool as seen by the agent. */
  spool?: (spool: Spool) => Spool;
  /** @default SRS shows clients' own addresses */
  gate?: GateClients;
  /** SRS's API as seen by the agent. */
  srs?: (api: SrsApi) => SrsApi;
  /** The clock of another node, so that the two share their time. */
  clock?: VirtualClock;
  /** @default node-1 */
  nodeId?: string;
  /** In the place of `cloud`. */
  hooks?: AgentDeps['hooks'];
  /** Other nodes. @default none answers */
  peers?: AgentDeps['peers'];
  /** Edges' gates. @default this node pushes to none */
  edgeGates?: AgentDeps['edgeGates'];
  /** Metrics for Cloud Monitoring. @default nobody reads them */
  writePoints?: NonNullable<AgentDeps['writePoints']>;
  /** @default the node has transport streams only */
  packaging?: NonNullable<AgentDeps['packaging']>;
}

/** One node: its disk, its SRS, its cloud, and an agent that can be killed and started again. */
export class Rig {
  readonly clock: VirtualClock;
  readonly root = ramFolder('agent-');
  readonly hlsRoot = join(this.root, 'hls');
  readonly spoolRoot = join(this.root, 'spool');
  readonly srs = new FakeSrs(this.hlsRoot, () => this.clock.now());
  readonly cloud = new FakeCloud();
  readonly ingest: ReturnType<typeof memoryObjectStore>;
  readonly open: ReturnType<typeof memoryObjectStore>;
  readonly log: LogLine[] = [];
  /** The effective configuration; a test changes one of its fields. */
  /** The configuration of the agent; a test changes it while the agent runs. */
  readonly settings: RigEnv;
  agent: Agent;

  constructor(private readonly more: RigOptions = {}) {
    this.clock = more.clock ?? virtualClock();
    this.ingest = memoryObjectStore({ clock: this.clock, oneWritePerSecond: true });
    this.open = memoryObjectStore({ clock: this.clock });
    this.settings = { ...ENV, ...more.env };
    this.cloud.sleep = (ms) => this.clock.sleep(ms);
    mkdirSync(this.hlsRoot);
    mkdirSync(this.spoolRoot);
    this.srs.ask = async (action, fields, clientId) => {
      const body = JSON.stringify(this.hookBody(action, fields, clientId));
      return replyTo(this.agent.localHandler(), requestOf('POST', `/srs/${action}`, { body }), listLog(this.log));
    };
    this.agent = this.newAgent();
    this.agent.start();
  }

  /** As `kill -9`: whatever is not on disk is lost. */
  async crash(): Promise<void> {
    this.agent.stop();
    await this.clock.run(this.clock.now());
  }

  restart(): void {
    this.agent = this.newAgent();
    this.agent.start();
  }

  async run(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    void this.clock.sleep(ms);
    await this.clock.run(until);
  }

  async hook(
    action: string,
    fields: Record<string, unknown> = {},
    clientId = 'client1',
    gone?: AbortSignal,
  ): Promise<AgentReply> {
    return this.post(`/srs/${action}`, JSON.stringify(this.hookBody(action, fields, clientId)), gone);
  }

  async post(path: string, text: string, gone?: AbortSignal): Promise<AgentReply> {
    const request = requestOf('POST', path, { body: text, ...(gone && { gone }) });
    return this.answered(replyTo(this.agent.localHandler(), request, listLog(this.log)));
  }

  /** On the public listener; `caller`: an account whose token is good. */
  async call(
    method: string,
    path: string,
    options: { caller?: string; body?: string; headers?: Record<string, string>; address?: string } = {},
  ) {
    const { caller, body = '', address = '192.0.2.1' } = options;
    const headers = { ...(caller === undefined ? {} : { authorization: `Bearer ${caller}` }), ...options.headers };
    return this.answered(
      replyTo(this.agent.publicHandler(), requestOf(method, path, { body, headers, address }), listLog(this.log)),
    );
  }

  /** GET on the public listener, without a step of the clock. */
  async ask(path: string): Promise<AgentReply> {
    return replyTo(this.agent.publicHandler(), requestOf('GET', path), listLog(this.log));
  }

  async get(path: string, caller?: string): Promise<AgentReply> {
    return this.call('GET', path, caller === undefined ? {} : { caller });
  }

  private async answered(reply: Promise<AgentReply>): Promise<AgentReply> {
    const answered = { done: false };
    void reply.then(() => {
      answered.done = true;
    });
    while (!answered.done) await this.run(50);
    return reply;
  }

  private hookBody(action: string, fields: Record<string, unknown>, clientId: string): Record<string, unknown> {
    return {
      server_id: this.more.nodeId ?? 'node-1',
      service_id: this.srs.serviceId,
      action,
      client_id: clientId,
      ip: '127.0.0.1',
      vhost: '__defaultVhost__',
      app: 'live',
      tcUrl: 'rtmp://127.0.0.1:1935/live',
      stream: STREAM,
      param: `?key=${KEY}`,
      stream_url: `/live/${STREAM}`,
      stream_id: 'vid-1',
      ...fields,
    };
  }

  /** SRS asks, lets the client in and lists it. */
  async publish(clientId = 'client1', fields: Record<string, unknown> = {}): Promise<AgentReply> {
    const reply = await this.hook('on_publish', fields, clientId);
    if (reply.status === 200 && isAccepted(reply)) this.srs.publishing(clientId, `${fields.stream ?? STREAM}`);
    return reply;
  }

  async onHls(
    { name, seqNo, durationMs, stream, path }: SrsSegment,
    clientId = 'client1',
    file = path,
  ): Promise<AgentReply> {
    const duration = Number((durationMs / 1000).toFixed(2));
    const names = {
      url: `live/${stream}/${name}`,
      m3u8: join(this.hlsRoot, 'live', stream, 'live.m3u8'),
      m3u8_url: `live/${stream}/live.m3u8`,
    };
    return this.hook('on_hls', { stream, duration, cwd: '/usr/local/srs', file, seq_no: seqNo, ...names }, clientId);
  }

  /** The next 2 s: a segment and its hook. */
  async segment(clientId = 'client1', options: Parameters<FakeSrs['segment']>[0] = {}): Promise<SrsSegment> {
    await this.run(2000);
    const segment = this.srs.segment(options);
    await this.onHls(segment, clientId);
    return segment;
  }

  async unpublish(clientId = 'client1', fields: Record<string, unknown> = {}): Promise<AgentReply> {
    this.srs.left(clientId);
    return this.hook('on_unpublish', fields, clientId);
  }

  async playlist(
    sessionId: string,
    streamId = STREAM,
  ): Promise<{ playlist: MediaPlaylist; metadata: Readonly<Record<string, string>> } | undefined> {
    const found = await this.ingest.read(sessionPlaylistName({ streamId, sessionId, rendition: 'source' }));
    return found && { playlist: parseMediaPlaylist(found.text), metadata: found.metadata };
  }

  /** Bytes of a segment in the bucket. */
  content(sessionId: string, number: number): Buffer | undefined {
    return this.open.entry(segmentName({ policy: 'open', streamId: STREAM, sessionId, rendition: 'source', number }))
      ?.content;
  }

  /** Names of the files a session's segments came from, by number, as far as the numbers have no gap. */
  uploaded(sessionId: string, policy: 'open' | 'gated' = 'open'): string[] {
    const names: string[] = [];
    for (let number = 0; ; number += 1) {
      const entry = this.open.entry(segmentName({ policy, streamId: STREAM, sessionId, rendition: 'source', number }));
      if (entry === undefined) return names;
      names.push(entry.content.toString('utf8').split(' ')[1]?.replace(/\.+$/, '') ?? '');
    }
  }

  events(event: string): LogLine[] {
    return this.log.filter((line) => line.event === event);
  }

  /** Everything below the spool, for what must not be in it. */
  spooled(path: string): string {
    return readFileSync(join(this.spoolRoot, path), 'utf8');
  }

  /** Leaves half a line at the end of the notes of who plays, as a crash may. */
  tearNotes(): void {
    appendFileSync(join(this.spoolRoot, 'plays.jsonl'), '{"id":"0');
  }

  dispose(): void {
    this.agent.stop();
    rmSync(this.root, { recursive: true, force: true });
  }

  private newAgent(): Agent {
    const { through = (store) => store, spool = (disk) => disk, srs = (api) => api, writePoints, gate } = this.more;
    const { nodeId = 'node-1', hooks = this.cloud.hooks } = this.more;
    return new Agent({
      nodeId,
      env: this.settings,
      settings: () => this.settings,
      verifyToken: async (token) => {
        if (!token.includes('@')) throw new DomainError('unauthenticated', 'the token is refused: it is malformed');
        return { email: token, email_verified: true };
      },
      hooks,
      srs: srs(this.srs.api),
      rtc: this.srs.rtc,
      flv: this.srs.flv,
      peers: this.more.peers ?? { ask: async () => Promise.reject(new Error('connect ECONNREFUSED')) },
      ...(writePoints && { writePoints }),
      ...(gate && { gate }),
      edgeGates: this.more.edgeGates,
      ...(this.more.packaging && { packaging: this.more.packaging }),
      reach: { agentUrl: 'http://10.0.0.2:8086' },
      externalAddress: '203.0.113.7',
      randomId: countingId(),
      folder: diskSegmentFolder(this.hlsRoot),
      spool: spool(diskSpool(this.spoolRoot)),
      playNotes: diskPlayNotes(join(this.spoolRoot, 'plays.jsonl')),
      ingest: through(this.ingest),
      delivery: () => through(this.open),
      clock: this.clock,
      log: listLog(this.log),
    });
  }
}

/** As undici says that the other side hung up. */
const closedByPeer = (): Error => new TypeError('fetch failed', { cause: { code: 'UND_ERR_SOCKET' } });
const ANSWER = 'v=0\r\na=ice-ufrag:abcd1234\r\na=candidate:0 1 udp 2130706431 10.0.0.2 8000 typ host generation 0\r\n';

/** Ids that are long enough, and the same in every run. */
function countingId(): (length: number) => string {
  let count = 0;
  return (length) => {
    count += 1;
    return `${count}`.padStart(length, '0');
  };
}

const isAccepted = ({ body }: AgentReply): boolean => typeof body === 'object' && 'code' in body && body.code === 0;
