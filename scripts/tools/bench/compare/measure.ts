import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StreamWithKey } from '../../../../functions/contract/api/streams';
import { bundleFolder, entryPoint, FUNCTIONS, type FunctionName } from '../../../../functions/contract/env/functions';
import { path, ROUTES } from '../../../../functions/contract/routes';
import { startPlatform } from '../../../local/command/run-start';
import { type Running, startProgram, startStandIns } from '../child';
import { coldStartOf, type Program } from '../cold-start';
import { percentile } from '../figures';
import { ADMIN_KEY } from '../function-env';
import { FIRESTORE_EMULATOR, startEmulator } from '../google-emulator';
import { type Pace, paced } from '../paced';
import { compared, type Row } from './comparison';
import { inTurns } from './in-turns';
import { startMediaMtx, versionOf } from './media-mtx';
import { mediaRows } from './media-rows';
import { PEER } from './peer-name';
import { bundlePeer, PEERS, type PeerName, peerNameOf } from './peers';
import { peersOf } from './peers-env';
import { parsersIn, playlistRows } from './playlist-rows';
import { uploadRow } from './upload-row';

/** Inside the repository, so that a peer finds the framework. */
const folder = join(__dirname, '../../../../dist/peers');
const COLD_GOAL = 1.5;
const API_GOAL = 3;
const COLD_RUNS = 5;
const TURNS = 3;
const PACE: Pace = { perSecond: 50, seconds: 10 };
const WARM_UP: Pace = { perSecond: 20, seconds: 3 };

type Env = Readonly<Record<string, string>>;

const functionNames = Object.keys(FUNCTIONS).filter((key): key is FunctionName => key in FUNCTIONS);
const ours = (name: FunctionName): Program => ({ name, target: entryPoint(name), source: bundleFolder(name) });

/** The rows, the versions of what they were measured with, and the peers that were not there. */
export interface Measured {
  readonly rows: Row[];
  readonly versions: Readonly<Record<string, string>>;
  readonly notMeasured: string[];
}

/** Measures every row, with peers that are bundled for it and those that the environment names. */
export async function measure(basePort: number): Promise<Measured> {
  const peers = peersOf(process.env);
  const functions = await functionRows(basePort);
  const parsers = peers.parsersFolder === undefined ? undefined : parsersIn(peers.parsersFolder);
  const playlists = parsers === undefined ? [] : await playlistRows(parsers);
  const media = await besideMediaMtx(basePort, peers.mediaMtx);
  return {
    rows: [...functions.rows, ...playlists, ...media.rows],
    versions: { database: functions.store, ...parsers?.versions, ...media.versions },
    notMeasured: [...peers.missing, ...media.missing],
  };
}

async function functionRows(basePort: number): Promise<{ rows: Row[]; store: string }> {
  const standIns = await startStandIns();
  const found = FIRESTORE_EMULATOR.find();
  const emulator = found === undefined ? undefined : await startEmulator(FIRESTORE_EMULATOR, found);
  try {
    const peers = await bundledPeers();
    const peerOf = (name: FunctionName): Program => peers.get(peerNameOf(name)) ?? ours(name);
    const rows: Row[] = [];
    for (const name of functionNames) rows.push(await coldRow(ours(name), peerOf(name), basePort, standIns.env));
    const env = { ...standIns.env, ...(emulator && { FIRESTORE_EMULATOR_HOST: emulator.host }) };
    rows.push(await apiRow(peerOf('api'), env));
    rows.push(await uploadRow(standIns.env.STORAGE_API_ENDPOINT ?? ''));
    return { rows, store: emulator === undefined ? 'local Firestore' : FIRESTORE_EMULATOR.name };
  } finally {
    await Promise.all([emulator?.stop(), standIns.stop(), rm(folder, { recursive: true, force: true })]);
  }
}

async function bundledPeers(): Promise<Map<PeerName, Program>> {
  const peers = new Map<PeerName, Program>();
  for (const name of PEERS) {
    const source = join(folder, name);
    await bundlePeer(name, source);
    peers.set(name, { name: `peer with ${name}`, target: PEER, source });
  }
  return peers;
}

/** The media rows need a real SRS on our side: the built-in origin is no media server. */
async function besideMediaMtx(
  basePort: number,
  program: string | undefined,
): Promise<{ rows: Row[]; versions: Readonly<Record<string, string>>; missing: string[] }> {
  if (program === undefined) return { rows: [], versions: {}, missing: [] };
  const platform = await startPlatform(['--no-demo', '--port-base', String(basePort + 200)]);
  try {
    if (platform.origin === 'built-in')
      return { rows: [], versions: {}, missing: ['MediaMTX (set SRS_BIN too, so that a real SRS stands beside it)'] };
    const peer = await startMediaMtx(program);
    try {
      const versions = { origin: platform.origin, MediaMTX: versionOf(program) };
      return { rows: await mediaRows(platform, peer), versions, missing: [] };
    } finally {
      await peer.stop();
    }
  } finally {
    await platform.end('SIGTERM');
  }
}

async function coldRow(own: Program, peer: Program, port: number, env: Env): Promise<Row> {
  const samples = await inTurns(
    COLD_RUNS,
    () => coldStartOf(own, port, env),
    () => coldStartOf(peer, port, env),
  );
  return compared({
    name: `cold start of ${own.name}, p50`,
    peer: 'functions-framework with the same Google clients and one handler',
    ours: percentile(samples.ours, 0.5),
    theirs: percentile(samples.theirs, 0.5),
    unit: 'ms',
    goal: COLD_GOAL,
  });
}

async function get(url: string): Promise<void> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${ADMIN_KEY}` } });
  await answer.text();
  if (!answer.ok) throw new Error(`GET ${url} answered ${answer.status}`);
}

/** Tries again what an emulator that is only beginning may refuse. */
async function createStream(api: string, tries = 10): Promise<string> {
  const answer = await fetch(`${api}${ROUTES.api.streams}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'figures' }),
  });
  if (answer.status === 503 && tries > 1) return createStream(api, tries - 1);
  return StreamWithKey.pick({ id: true }).parse(JSON.parse(await answer.text())).id;
}

async function apiRow(peer: Program, env: Env): Promise<Row> {
  const running: Running[] = [];
  const start = async (program: Program) => {
    running.push(await startProgram(program, env));
    return running.at(-1)?.url ?? '';
  };
  try {
    const api = await start(ours('api'));
    const bare = await start(peer);
    const id = await createStream(api);
    const show = () => get(`${api}${path(ROUTES.api.stream, { id })}`);
    const read = () => get(`${bare}/${id}`);
    const [mine, theirs]: [number[], number[]] = [[], []];
    for (const request of [show, read]) await paced(WARM_UP, request);
    for (let turn = 0; turn < TURNS; turn++) {
      mine.push(...(await paced(PACE, show)));
      theirs.push(...(await paced(PACE, read)));
    }
    return compared({
      name: 'API, a stream shown, 50 a second, p95',
      peer: 'functions-framework with the one Firestore call alone',
      ours: percentile(mine, 0.95),
      theirs: percentile(theirs, 0.95),
      unit: 'ms',
      goal: API_GOAL,
    });
  } finally {
    await Promise.all(running.map(({ stop }) => stop()));
  }
}
