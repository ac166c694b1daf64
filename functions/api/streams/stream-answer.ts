import type { PlaybackWay } from '../../contract/api/playback';
import type { ShownStream, StreamAnswer, StreamWithKey, ViewerStreamAnswer } from '../../contract/api/streams';
import { CHAT_OFF } from '../../contract/chat/settings';
import type { RegionalIngest } from '../../contract/env/ingests';
import type { SessionHealth } from '../../contract/hooks/session-health';
import { LIVE_APP, type StreamKey } from '../../contract/ids';
import { indexName, mpdName, urlPathOf } from '../../contract/objects/layout';
import { path, ROUTES } from '../../contract/routes';
import type { Node, Session, Stream } from '../../contract/state';
import { defined } from '../../core/defined';
import { encryptionOf } from '../../core/encryption/settings';
import type { Principal } from '../../core/identity/principal';
import { settingsOf } from '../../core/packaging/settings';
import { asSeen } from '../../core/publish/hot-backup';
import { isPublishing, statusOf } from '../../core/publish/liveness';
import { warningsOf } from '../../core/publish/media-warnings';
import { nodesToPublishTo } from '../../core/publish/node-selection';
import type { ApiDeps } from '../api-deps';

/** A stream as the API shows it: never its key or the key's hash. */
export function streamAnswer(stored: Stream, nodes: readonly Node[], deps: ApiDeps): StreamAnswer {
  const stream = asSeen(stored, nodes, deps.clock.now());
  const node = nodes.find(({ id }) => id === stream.session?.nodeId);
  const urls = playbackUrls(stream, deps);
  return {
    id: stream.id,
    title: stream.title,
    status: statusOf(stream, node, deps.clock.now()),
    policy: stream.policy,
    recording: stream.recording,
    dvrWindowSeconds: stream.dvrWindowSeconds,
    reconnectWindowSeconds: stream.reconnectWindowSeconds,
    ...settingsOf(stream),
    latency: stream.latency ?? 'normal',
    ...encryptionParts(stream),
    edges: stream.edges ?? 'none',
    chat: stream.chat ?? CHAT_OFF,
    hotBackup: stream.hotBackup ?? false,
    metadata: stream.metadata ?? {},
    createdAt: iso(stream.createdAt),
    ...optionalParts(stream, node, deps),
    ...publisherParts(stream, node, deps),
    ingest: ingestOf(stream, nodes, deps),
    playback: {
      hls: urls.hls,
      ...dashOf(stream, deps),
      ...(stream.latency === 'low' && { lowLatencyHls: urls.low_latency_hls }),
      whep: urls.webrtc,
      webrtc: webrtcUrl(stream.id, deps),
      flv: urls.flv,
    },
  };
}

function encryptionParts(stream: Stream): Pick<StreamAnswer, 'encryption' | 'keyRotationSegments'> {
  const { encryption, keyRotationSegments } = encryptionOf(stream);
  return { encryption, ...(encryption !== 'none' && { keyRotationSegments }) };
}

/** Makes the URL of each way to watch a stream, whether it is open or not. `edge`: the one that is to serve it. */
export function playbackUrls({ id, policy }: Stream, deps: ApiDeps, edge?: string): Record<PlaybackWay, string> {
  const by = edge === undefined ? '' : `?edge=${edge}`;
  return {
    webrtc: pathUrl(`${path(ROUTES.media.whep, { id })}${by}`, deps),
    flv: pathUrl(`${path(ROUTES.live.flv, { file: `${id}.flv` })}${by}`, deps),
    low_latency_hls: pathUrl(path(ROUTES.live.lowLatency, { id }), deps),
    hls: playbackUrl(indexName(policy, id), deps),
  };
}

/** The stream as this caller is shown it. */
export function shownStream(
  stream: Stream,
  { nodes, principal }: { nodes: readonly Node[]; principal: Pick<Principal, 'role'> },
  deps: ApiDeps,
): ShownStream {
  const answer = streamAnswer(stream, nodes, deps);
  return principal.role === 'viewer' ? forViewers(answer) : answer;
}

/** Names each field that a viewer sees: what is not named here, and comes later, stays with its owner. */
function forViewers(stream: StreamAnswer): ViewerStreamAnswer {
  const { suspended, session, media } = stream;
  return {
    id: stream.id,
    title: stream.title,
    status: stream.status,
    policy: stream.policy,
    recording: stream.recording,
    packaging: stream.packaging,
    ladder: stream.ladder,
    latency: stream.latency,
    encryption: stream.encryption,
    dvrWindowSeconds: stream.dvrWindowSeconds,
    chat: stream.chat,
    metadata: stream.metadata,
    createdAt: stream.createdAt,
    playback: stream.playback,
    ...defined({ media }),
    ...(suspended && { suspended: { at: suspended.at } }),
    ...(session && { session: withoutNode(session) }),
  };
}

const withoutNode = ({ id, broadcastId, startedAt, endedAt }: NonNullable<StreamAnswer['session']>) => ({
  id,
  broadcastId,
  startedAt,
  ...defined({ endedAt }),
});

function optionalParts(stream: Stream, node: Node | undefined, { clock }: ApiDeps) {
  const {
    allowedOrigins,
    publisherAddresses,
    maxBitrateBps,
    maxDurationSeconds,
    recordingDays,
    owner,
    suspended,
    previousKey,
    session,
    backup,
  } = stream;
  return {
    ...defined({ allowedOrigins, publisherAddresses, maxBitrateBps, maxDurationSeconds, recordingDays, owner }),
    ...(suspended && { suspended: { ...suspended, at: iso(suspended.at) } }),
    ...(previousKey && clock.now() < previousKey.until && { previousKeyUntil: iso(previousKey.until) }),
    ...(session && { session: { ...sessionFields(session), ...defined({ region: node?.region }) } }),
    ...(backup && { backup: sessionFields(backup) }),
  };
}

/** The same with its key, which is shown once. */
export function streamWithKey(
  stream: Stream,
  { key, nodes }: { key: StreamKey; nodes: readonly Node[] },
  deps: ApiDeps,
): StreamWithKey {
  const answer = streamAnswer(stream, nodes, deps);
  const { rtmp, rtmps, regions, whip, srt } = answer.ingest;
  const streamKey = `${stream.id}?key=${key}`;
  const streamId = `#!::r=${LIVE_APP}/${stream.id},m=publish,key=${key}`;
  return {
    ...answer,
    key,
    ingest: {
      rtmp: { ...rtmp, streamKey },
      ...(rtmps && { rtmps: { ...rtmps, streamKey } }),
      ...(regions && { regions }),
      whip,
      webrtc: { url: `${webrtcUrl(stream.id, deps)}?key=${key}` },
      ...(srt && { srt: { ...srt, streamId, url: `${srt.server}?streamid=${streamId}` } }),
    },
  };
}

/** Returns the ingest of each region; the caller's API is in the nearest. */
const regionsOf = (ingests: readonly RegionalIngest[]): NonNullable<StreamAnswer['ingest']['regions']> =>
  ingests.map(({ region, server }, index) => ({
    region,
    role: index === 0 ? 'primary' : 'backup',
    rtmp: { server },
  }));

function ingestOf(stream: Stream, nodes: readonly Node[], deps: ApiDeps): StreamAnswer['ingest'] {
  const srt = nodesToPublishTo(nodes, deps.clock.now(), deps.ingests?.[0]?.region).find(
    ({ id, reach }) => reach.srt !== undefined && !servesFirst(stream, id),
  )?.reach.srt;
  return {
    rtmp: { server: deps.rtmpServer },
    ...(deps.rtmpsServer && { rtmps: { server: deps.rtmpsServer } }),
    ...(deps.ingests && { regions: regionsOf(deps.ingests) }),
    whip: { url: pathUrl(path(ROUTES.media.whip, { id: stream.id }), deps) },
    ...(srt && { srt: { server: `srt://${srt.host}:${srt.port}` } }),
  };
}

/** The second publisher of a stream with hot backup needs another node. */
const servesFirst = ({ hotBackup, session }: Stream, nodeId: string): boolean =>
  hotBackup === true && session?.endedAt === undefined && session?.nodeId === nodeId;

/** Returns what its node says of the publisher that is live. */
function publisherParts({ id, session }: Stream, node: Node | undefined, { clock }: ApiDeps) {
  if (session === undefined || node === undefined || !isPublishing(session, node, clock.now())) return {};
  const { media, renditions, health } =
    node.sessions.find((each) => each.streamId === id && each.sessionId === session.id) ?? {};
  return {
    ...(media && { media }),
    ...((media ?? health) && { warnings: warningsOf({ media, health }) }),
    ...(health && { health: withoutProblems(health) }),
    ...(renditions && { renditions }),
  };
}

/** Its problems are among the warnings. */
const withoutProblems = ({ problems: _, ...values }: SessionHealth) => values;

export const sessionFields = ({ id, broadcastId, nodeId, startedAt, endedAt, endReason, role }: Session) => ({
  id,
  broadcastId,
  nodeId,
  startedAt: iso(startedAt),
  ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
  ...defined({ endReason, role }),
});

/** Only a stream in CMAF has an MPD, and one a broadcast. */
function dashOf({ id, policy, packaging, session }: Stream, deps: ApiDeps): { dash?: string } {
  if (packaging !== 'cmaf' || session === undefined) return {};
  return { dash: playbackUrl(mpdName({ policy, streamId: id, broadcastId: session.broadcastId }), deps) };
}

/** Makes the URL at which a player finds an object of a delivery bucket. */
export const playbackUrl = (objectName: string, { publicOrigin }: Pick<ApiDeps, 'publicOrigin'>): string =>
  pathUrl(urlPathOf(objectName), { publicOrigin });

const pathUrl = (path: string, { publicOrigin }: Pick<ApiDeps, 'publicOrigin'>): string =>
  `${publicOrigin.replace(/\/$/, '')}${path}`;

/** SRS's SDK asks for its answer at `/rtc/v1/` of this host. */
const webrtcUrl = (id: string, { publicOrigin }: Pick<ApiDeps, 'publicOrigin'>): string =>
  `webrtc://${new URL(publicOrigin).host}/${LIVE_APP}/${id}`;

export const iso = (ms: number): string => new Date(ms).toISOString();
