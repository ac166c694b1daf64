import { join } from 'node:path';
import { z } from 'zod';
import { metadataIdTokens } from '../../functions/adapters/gcp/google/id-tokens';
import { metadataAccessTokens, metadataServer } from '../../functions/adapters/gcp/google/metadata-server';
import { monitoringPoints } from '../../functions/adapters/gcp/google/monitoring-points';
import { gcsObjectStore } from '../../functions/adapters/gcp/storage/object-store';
import { storageClient } from '../../functions/adapters/gcp/storage/storage-client';
import { oidcVerifier, remoteKeys } from '../../functions/adapters/jwks';
import { jsonLog, withLevel } from '../../functions/adapters/log';
import { randomId, systemClock } from '../../functions/adapters/system';
import {
  AgentEnv,
  AgentNodeEnv,
  type AgentPackaging,
  agentUrl,
  PUBLISHERS_METRIC,
} from '../../functions/contract/env/agent';
import type { Reach } from '../../functions/contract/hooks/srs';
import { Agent } from './agent';
import { httpHooksClient } from './cloud/hooks-client';
import { httpPeers } from './cloud/peers';
import { ConfigWatch } from './config/config-watch';
import { metadataConfig } from './config/metadata-config';
import type { SettingsInForce } from './config/settings';
import { Listener } from './http/listener';
import { diskPackagingJobs } from './packaging/disk-jobs';
import { rtmpGates } from './playback/edges/rtmp-gates';
import { diskPlayNotes } from './playback/play-notes';
import { lockSpool } from './runtime/lock';
import { assertSameMount } from './runtime/same-mount';
import { diskSegmentFolder } from './session/segment-folder';
import { diskSpool } from './session/spool';
import { httpGateClients } from './srs/gate-clients';
import { httpSrsApi } from './srs/srs-api';
import { httpSrsFlv } from './srs/srs-flv';
import { httpSrsRtc } from './srs/srs-rtc';

/** https://accounts.google.com/.well-known/openid-configuration */
const GOOGLE = 'https://accounts.google.com';

const everything = jsonLog(undefined, systemClock);
let inForce: () => Pick<AgentEnv, 'logLevel'> = () => ({ logLevel: 'info' });
const log = withLevel(everything, () => inForce().logLevel);

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error('AGENT_ENV: use JSON', { cause: error });
  }
}

function readEnv() {
  const node = AgentNodeEnv.parse(process.env);
  return { node, env: AgentEnv.parse(json(node.AGENT_ENV)) };
}

type Env = ReturnType<typeof readEnv>;

const reachOf = (node: AgentNodeEnv, { publicPort, srtPort, pushPort }: AgentEnv): Reach => ({
  agentUrl: agentUrl(node.NODE_ADDRESS, publicPort),
  ...(pushPort !== undefined && { push: { host: node.NODE_ADDRESS, port: pushPort } }),
  ...(srtPort === undefined ? {} : { srt: { host: node.NODE_EXTERNAL_ADDRESS ?? node.NODE_ADDRESS, port: srtPort } }),
});

/** Opens the way for metrics of this node: the autoscaler's, and the gate's; `none` where nobody reads them. */
function pointsOf({ monitoringApiEndpoint: apiEndpoint, metadataUrl }: AgentEnv) {
  if (apiEndpoint === 'none') {
    log.info('metric_off', { metric: PUBLISHERS_METRIC, message: 'nobody reads it here' });
    return undefined;
  }
  const metadata = metadataServer(metadataUrl);
  const accessToken = metadataAccessTokens(metadata, systemClock);
  return monitoringPoints({ apiEndpoint, metadata, accessToken });
}

/** Jobs live beside the spool: the same memory disk, and the same bound. */
const packagingOf = (programs: AgentPackaging, spoolRoot: string) => ({
  jobs: diskPackagingJobs(programs, join(spoolRoot, 'packaging')),
  ladderCores: programs.ladderCores,
});

function wire({ node, env }: Env, settings: SettingsInForce): Agent {
  const storage = storageClient({ apiEndpoint: env.storageApiEndpoint });
  const idTokens = metadataIdTokens({ metadataUrl: env.metadataUrl, clock: systemClock });
  const delivery = { open: gcsObjectStore(storage, env.openBucket), gated: gcsObjectStore(storage, env.gatedBucket) };
  const writePoints = pointsOf(env);
  const audience = agentUrl(node.NODE_ADDRESS, env.publicPort);
  return new Agent({
    nodeId: node.NODE_ID,
    env,
    settings,
    verifyToken: oidcVerifier({ issuer: GOOGLE, audience }, { keys: remoteKeys(env.jwksUrl), clock: systemClock }),
    hooks: httpHooksClient(env.hooksUrl, () => idTokens(env.hooksUrl)),
    reach: reachOf(node, env),
    externalAddress: node.NODE_EXTERNAL_ADDRESS,
    relayAddress: node.NODE_ADDRESS,
    srs: httpSrsApi(env.srsApiUrl),
    rtc: httpSrsRtc(env.srsApiUrl, node.NODE_ADDRESS),
    flv: httpSrsFlv(env.srsHttpUrl),
    peers: httpPeers(idTokens),
    edgeGates: rtmpGates,
    ...(writePoints && { writePoints }),
    ...(env.packaging && { packaging: packagingOf(env.packaging, env.spoolRoot) }),
    ...(env.gateUrl !== undefined && { gate: httpGateClients(env.gateUrl) }),
    folder: diskSegmentFolder(env.hlsRoot),
    spool: diskSpool(env.spoolRoot),
    playNotes: diskPlayNotes(join(env.spoolRoot, 'plays.jsonl')),
    ingest: gcsObjectStore(storage, env.ingestBucket),
    delivery: (policy) => delivery[policy],
    clock: systemClock,
    randomId,
    log,
  });
}

async function run(): Promise<void> {
  const given = readEnv();
  const { node, env } = given;
  const source = metadataConfig(metadataServer(env.metadataUrl));
  // The effective configuration is always reported, even if there is little of it.
  const watch = new ConfigWatch({ env, source, clock: systemClock, log: everything });
  inForce = watch.inForce;
  const unlock = lockSpool(env.spoolRoot);
  process.once('exit', unlock);
  assertSameMount(env.hlsRoot, env.spoolRoot);
  const agent = wire(given, watch.inForce);
  const local = new Listener(agent.localHandler(), log);
  const open = new Listener(agent.publicHandler(), log);
  agent.start();
  await local.listen('127.0.0.1', env.hooksPort);
  await open.listen(node.LISTEN_ADDRESS ?? node.NODE_ADDRESS, env.publicPort);
  log.info('agent_started', { nodeId: node.NODE_ID, role: env.role, sessions: agent.sessions.all().length });

  const stopping = new AbortController();
  watchConfig(node, watch, stopping.signal);
  const end = async (signal: string) => {
    stopping.abort();
    log.info('agent_stopping', { signal });
    const clean = await agent.shutDown();
    await Promise.all([local.close(), open.close()]);
    log.info('agent_stopped', { clean });
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(signal).catch(fail));
}

/** Instance metadata is read as it changes, and at SIGHUP. */
function watchConfig(node: AgentNodeEnv, watch: ConfigWatch, stop: AbortSignal): void {
  if (node.AGENT_ENV_WATCHED === undefined) {
    process.on('SIGHUP', () =>
      log.info('config_fixed', { message: 'AGENT_ENV is not watched here: restart the agent' }),
    );
    return;
  }
  process.on('SIGHUP', () => void watch.reload(stop));
  watch.run(stop).catch(fail);
}

const sentence = (error: unknown): string => {
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  return error instanceof Error ? error.message : String(error);
};

/** Ends the process: systemd starts it again, and it goes on from its spool. */
function fail(error: unknown): void {
  log.error('agent_failed', { message: sentence(error), error });
  process.exit(1);
}

process.once('unhandledRejection', fail);
run().catch(fail);
