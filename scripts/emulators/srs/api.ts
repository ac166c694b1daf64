import type { IncomingMessage, RequestListener } from 'node:http';
import { cpus, freemem, loadavg, totalmem, uptime } from 'node:os';
import type { BuiltInOrigin } from './built-in-origin';
import type { SrsIdentity } from './hooks';
import type { Client, LiveStream } from './live-stream';

/** ERROR_RTMP_CLIENT_NOT_FOUND and ERROR_RTMP_STREAM_NOT_FOUND of SRS: answered with status 200. */
const CLIENT_NOT_FOUND = { code: 2049 };
const STREAM_NOT_FOUND = { code: 2048 };
const PAGE = 10;
const VERSION = { major: 6, minor: 0, revision: 0, version: '6.0.0' };
const VHOST_ID = 'vid-builtin';

const rates = (sent: number, received: number, openedAt: number) => {
  const ms = Math.max(1000, Date.now() - openedAt);
  return { recv_30s: Math.round((received * 8) / ms), send_30s: Math.round((sent * 8) / ms) };
};

function describeClient({ connection, request, visitor, stream }: Client) {
  const { sent, received } = connection.bytes;
  return {
    id: visitor.clientId,
    vhost: VHOST_ID,
    stream: stream.id,
    ip: visitor.ip,
    pageUrl: visitor.pageUrl,
    swfUrl: '',
    tcUrl: visitor.tcUrl,
    url: `/${visitor.app}/${visitor.stream}`,
    name: visitor.stream,
    type: request.kind === 'publish' ? 'fmle-publish' : 'rtmp-play',
    publish: request.kind === 'publish',
    alive: (Date.now() - connection.openedAt) / 1000,
    send_bytes: sent,
    recv_bytes: received,
    kbps: rates(sent, received, connection.openedAt),
  };
}

function describeStream(stream: LiveStream) {
  const clients = [...stream.clients];
  const sum = (side: 'sent' | 'received') =>
    clients.reduce((total, { connection }) => total + connection.bytes[side], 0);
  const sent = sum('sent');
  const received = sum('received');
  return {
    id: stream.id,
    name: stream.name,
    vhost: VHOST_ID,
    app: stream.app,
    tcUrl: stream.newest?.visitor.tcUrl ?? '',
    url: `/${stream.app}/${stream.name}`,
    live_ms: Date.now(),
    clients: clients.length,
    frames: stream.frames,
    send_bytes: sent,
    recv_bytes: received,
    kbps: rates(sent, received, Math.min(...clients.map(({ connection }) => connection.openedAt))),
    publish: { active: stream.busy, ...(stream.publisherId === undefined ? {} : { cid: stream.publisherId }) },
    video: stream.video ?? null,
    audio: stream.audio ?? null,
  };
}

function summaries(origin: BuiltInOrigin) {
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg();
  return {
    ok: true,
    now_ms: Date.now(),
    self: {
      version: VERSION.version,
      pid: process.pid,
      ppid: process.ppid,
      argv: 'built-in',
      cwd: process.cwd(),
      mem_kbyte: Math.round(process.memoryUsage.rss() / 1024),
      mem_percent: process.memoryUsage.rss() / totalmem(),
      cpu_percent: 0,
      srs_uptime: Math.round(process.uptime()),
    },
    system: {
      mem_ram_kbyte: Math.round(totalmem() / 1024),
      mem_ram_percent: 1 - freemem() / totalmem(),
      cpus: cpus().length,
      cpus_online: cpus().length,
      uptime: uptime(),
      load_1m: load1,
      load_5m: load5,
      load_15m: load15,
      conn_srs: origin.clients.size,
    },
  };
}

/** Returns one page of a list: ten at least, as SRS counts; `?start=0&count=10000` shows all. */
export function page<T>(all: readonly T[], query: URLSearchParams): readonly T[] {
  const start = Math.max(0, Number(query.get('start')) || 0);
  return all.slice(start, start + Math.max(PAGE, Number(query.get('count')) || 0));
}

/** The part of SRS's HTTP API that the agent and people use. */
export function apiListener(origin: BuiltInOrigin, { serverId, serviceId }: SrsIdentity): RequestListener {
  const common = { code: 0, server: serverId, service: serviceId, pid: `${process.pid}` };
  return (request, response) => {
    const body = answer(request);
    response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body ?? {}));
  };

  function answer(request: IncomingMessage): object | undefined {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const [, kind, id] = /^\/api\/v1\/(\w+)(?:\/([\w-]*))?$/.exec(pathname) ?? [];
    if (kind === 'versions') return { ...common, data: VERSION };
    if (kind === 'summaries') return { ...common, data: summaries(origin) };
    if (kind === 'streams')
      return id ? oneStream(id) : { ...common, streams: page(origin.streams, searchParams).map(describeStream) };
    if (kind !== 'clients') return undefined;
    if (id) return request.method === 'DELETE' ? kick(id) : oneClient(id);
    return { ...common, clients: page([...origin.clients.values()], searchParams).map(describeClient) };
  }

  function oneStream(id: string): object {
    const stream = origin.streams.find((candidate) => candidate.id === id);
    return stream ? { ...common, stream: describeStream(stream) } : STREAM_NOT_FOUND;
  }

  function oneClient(id: string): object {
    const client = origin.clients.get(id);
    return client ? { ...common, client: describeClient(client) } : CLIENT_NOT_FOUND;
  }

  function kick(id: string): object {
    return origin.kick(id) ? common : CLIENT_NOT_FOUND;
  }
}
