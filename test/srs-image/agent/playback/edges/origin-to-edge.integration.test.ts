import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLog } from '../../../../../functions/adapters/log';
import { memoryObjectStore } from '../../../../../functions/adapters/memory/object-store';
import { memoryStreamStore } from '../../../../../functions/adapters/memory/stream-store';
import { randomId, systemClock } from '../../../../../functions/adapters/system';
import type { AgentEnv } from '../../../../../functions/contract/env/agent';
import { GateEnv } from '../../../../../functions/contract/gate';
import { StreamId } from '../../../../../functions/contract/ids';
import { edgesToPlayFrom } from '../../../../../functions/core/edges/edge-state';
import { addPushToken, mintPushToken } from '../../../../../functions/core/publish/push-token';
import { srsHooksHandler } from '../../../../../functions/srs-hooks/handler';
import { createOrigin } from '../../../../../scripts/local/origin';
import { Agent } from '../../../../../srs-image/agent/agent';
import { Listener } from '../../../../../srs-image/agent/http/listener';
import { rtmpGates } from '../../../../../srs-image/agent/playback/edges/rtmp-gates';
import { diskPlayNotes } from '../../../../../srs-image/agent/playback/play-notes';
import { diskSegmentFolder } from '../../../../../srs-image/agent/session/segment-folder';
import { diskSpool } from '../../../../../srs-image/agent/session/spool';
import { httpSrsApi } from '../../../../../srs-image/agent/srs/srs-api';
import { httpSrsFlv } from '../../../../../srs-image/agent/srs/srs-flv';
import { Gate } from '../../../../../srs-image/gate/gate';
import { type Encoder, publish } from '../../../../support/platform/encoder';
import { eventually } from '../../../../support/platform/viewer';
import { freePort } from '../../../../support/platform/worker-ports';
import { KEY, STREAM_ID, streamOf } from '../../../../support/streams';

/** An origin and an edge with their own media servers, and srs-hooks between them: SRS if `SRS_BIN` names one. */
const folder = mkdtempSync(join(tmpdir(), 'srs-live-edges-'));
const streamStore = memoryStreamStore();
const lines: string[] = [];
const log = jsonLog((line) => lines.push(line));
const hooksHandler = srsHooksHandler({ streamStore, clock: systemClock, randomId, log });
const endings: (() => unknown)[] = [];
/** The push tokens of all orders. */
const given: string[] = [];
const never = async () => Promise.reject(new Error('not asked here'));

const hooks = {
  async post(path: string, body: object) {
    const request = new Request(`http://function${path}`, { method: 'POST', body: JSON.stringify(body) });
    const answer = await hooksHandler(request);
    const text = await answer.text();
    given.push(...(text.match(/sle_[a-z0-9]{32}/g) ?? []));
    return { status: answer.status, body: JSON.parse(text) };
  },
};

/** Returns the URL of its gate. */
async function node(nodeId: string, role: AgentEnv['role']): Promise<string> {
  const hlsRoot = join(folder, nodeId, 'hls');
  const spoolRoot = join(folder, nodeId, 'spool');
  for (const root of [hlsRoot, spoolRoot]) mkdirSync(root, { recursive: true });
  const srsPort = await freePort();
  const apiPort = await freePort();
  const hooksPort = await freePort();
  const httpPort = await freePort();
  const { SRS_BIN } = process.env;
  const server = await createOrigin({
    rtmpPort: srsPort,
    apiPort,
    hooksUrl: `http://127.0.0.1:${hooksPort}`,
    hlsRoot,
    nodeId,
    docker: false,
    media: { httpPort, srtPort: await freePort(), rtcPort: await freePort() },
    tempFolder: folder,
    log: jsonLog(() => undefined),
    ...(SRS_BIN && { srsBin: SRS_BIN }),
  });
  await server.start();
  const rtmpPort = await freePort();
  const gateEnv = GateEnv.parse({ host: '127.0.0.1', rtmpPort, srsPort, sourceAddresses: false });
  const every = (ms: number, run: () => void) => {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  };
  const gate = new Gate({ env: gateEnv, log, now: () => performance.now(), every });
  await gate.start();
  const env = {
    role,
    segmentSeconds: 2,
    heartbeatSeconds: 1,
    sessionWindowSeconds: 600,
    spoolLimitBytes: 1 << 30,
    evacuateAfterSeconds: 1800,
    uploadsAtOnce: 32,
    flvViewers: { perNode: 5, perStream: 3, perAddress: 2 },
    playerOrigins: ['*' as const],
    peers: [],
    callers: [],
    logLevel: 'info' as const,
  };
  const store = memoryObjectStore({ clock: systemClock });
  const agent = new Agent({
    nodeId,
    env,
    settings: () => env,
    verifyToken: never,
    hooks,
    rtc: { offer: never },
    peers: { ask: never },
    srs: httpSrsApi(`http://127.0.0.1:${apiPort}`),
    flv: httpSrsFlv(`http://127.0.0.1:${httpPort}`),
    edgeGates: rtmpGates,
    reach: {
      agentUrl: `http://${nodeId}:8086`,
      ...(role === 'edge' && { push: { host: '127.0.0.1', port: rtmpPort } }),
    },
    folder: diskSegmentFolder(hlsRoot),
    spool: diskSpool(spoolRoot),
    playNotes: diskPlayNotes(join(spoolRoot, 'plays.jsonl')),
    ingest: store,
    delivery: () => store,
    clock: systemClock,
    randomId,
    log,
  });
  const listener = new Listener(agent.localHandler(), log);
  await listener.listen('127.0.0.1', hooksPort);
  agent.start();
  endings.push(async () => {
    agent.stop();
    gate.close();
    gate.endAll();
    await server.stop();
    await listener.close();
  });
  return `rtmp://127.0.0.1:${rtmpPort}/live`;
}

let encoder: Encoder | undefined;
let edgeGate: URL;
afterAll(async () => {
  await encoder?.stop('SIGKILL');
  for (const ending of endings) await ending();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

it('an origin pushes a stream with edges to the edge, and viewers are sent there', async () => {
  await streamStore.createStream(streamOf({ edges: 1 }));
  edgeGate = new URL(await node('edge-1', 'edge'));
  encoder = publish(`${await node('node-1', 'origin')}/${STREAM_ID}?key=${KEY}`);
  const edges = async () => {
    const nodes = await streamStore.listNodes();
    const stream = await streamStore.getStream(STREAM_ID);
    const origin = nodes.find(({ id }) => id === 'node-1');
    if (stream?.session === undefined || origin === undefined) return [];
    const copied = { streamId: STREAM_ID, sessionId: stream.session.id };
    return edgesToPlayFrom(copied, origin, nodes, systemClock.now()).map(({ id }) => id);
  };
  await eventually(
    () => `an edge to play from, log: ${lines.join('\n')}`,
    60,
    async () => (await edges()).length > 0,
  );
  expect(await edges()).toEqual(['edge-1']);
  expect(lines.join('\n')).not.toMatch(/sle_[a-z0-9]{8}/);
}, 120_000);

/** A publisher at the edge's own gate, with the name of a stream and what stands behind it. */
const atEdge = (streamId: StreamId, token: string) =>
  rtmpGates.publish({
    host: edgeGate.hostname,
    port: Number(edgeGate.port),
    streamId,
    token,
    signal: AbortSignal.timeout(20_000),
  });

/** Gives the edge a token, as an order does; `agoMs`: how long before now. */
async function ordered(streamId: StreamId, agoMs = 0): Promise<string> {
  const token = mintPushToken(randomId);
  const session = { streamId, sessionId: '1-aaaaaaaa' };
  await streamStore.changeNode('edge-1', (edge) => {
    const added = edge && addPushToken(edge, token, session, systemClock.now() - agoMs);
    return added === undefined ? { result: undefined } : { node: added, result: undefined };
  });
  return token;
}

it('an edge’s gate lets nobody in by a token that was used, is late, for another stream, or made up', async () => {
  const other = StreamId.parse('otherotherother1');
  const [used = ''] = given;
  expect(used).toMatch(/^sle_/);
  const tries: [StreamId, string][] = [
    [STREAM_ID, used],
    [STREAM_ID, await ordered(STREAM_ID, 16_000)],
    [other, await ordered(STREAM_ID)],
    [STREAM_ID, mintPushToken(randomId)],
  ];
  for (const [streamId, token] of tries)
    await expect(atEdge(streamId, token)).rejects.toThrow('the edge did not let it in');
  const refusals = lines.filter((line) => line.includes('"hook_refused"') && line.includes('"push_refused"'));
  expect(refusals).toHaveLength(tries.length);
  const edge = await streamStore.getNode('edge-1');
  expect(edge?.copies?.map(({ streamId }) => streamId)).toEqual([STREAM_ID]);
}, 120_000);

it('an edge’s gate lets an encoder with the stream’s own key in as little', async () => {
  const outsider = publish(`${edgeGate}/${STREAM_ID}?key=${KEY}`);
  try {
    await eventually('a refusal', 30, async () => lines.join('\n').includes('pushes_only'));
  } finally {
    await outsider.stop('SIGKILL');
  }
}, 60_000);
