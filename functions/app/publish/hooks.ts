import { GATE_SOURCES } from '../../contract/gate';
import type {
  HookAccepted,
  OnPlay,
  OnPublish,
  OnUnpublish,
  RelayedHook,
  RelayedPublish,
} from '../../contract/hooks/srs';
import type { StreamId } from '../../contract/ids';
import { isAddressIn } from '../../core/addresses/ip-address';
import { openEncryption, sealNewSecret } from '../../core/encryption/content-keys';
import { playTokenOf } from '../../core/grants/play-token';
import { streamKeyOf } from '../../core/keys';
import type { PublishingMode } from '../../core/publish/admission';
import type { SrsClient } from '../../core/publish/client';
import { type HookRefusal, refusedApp, streamIdOf } from '../../core/publish/hook-name';
import { type Admitted, decidePublish, type PublishDecision } from '../../core/publish/publish';
import { pushTokenOf } from '../../core/publish/push-token';
import { decideUnpublish, type UnpublishDecision } from '../../core/publish/unpublish';
import { sha256Hex } from '../../core/signing/hash';
import type { Clock, Log, RandomId, StreamStore } from '../../ports/stores';
import { type RightDeps, rightToPlay } from '../grants/right-to-play';
import { admitPush } from './admit-push';
import { commandKick, scheduleCutoff } from './notify-node';

export interface HookDeps {
  streamStore: StreamStore;
  clock: Clock;
  randomId: RandomId;
  log: Log;
  /** @default everybody */
  publishingMode?: () => Promise<PublishingMode>;
  /** The hook is that of a media server without an agent. @default false */
  foreign?: boolean;
  /** The rights with which a gated stream is played. @default none: gated streams cannot be played */
  rights?: RightDeps;
  /** The environment's secret that seals content secrets. @default none: encrypted streams cannot be published */
  contentSecret?: string;
}

export type HookOutcome = HookAccepted | HookRefusal;

/**
 * Addresses of Google's proxies, and of a gate that does not know its client: neither is the client's address.
 * https://cloud.google.com/load-balancing/docs/firewall-rules
 */
const UNSEEN = ['35.191.0.0/16', '130.211.0.0/22', GATE_SOURCES];

const ACCEPTED: HookAccepted = { code: 0 };

/** The outcome of a hook of SRS: decided in the core, written in one transaction. */
export async function decideHook(hook: RelayedHook, deps: HookDeps): Promise<HookOutcome> {
  const refusal = refusedApp(hook);
  if (refusal !== undefined) return refusal;
  switch (hook.action) {
    case 'on_connect':
    case 'on_stop':
      return ACCEPTED;
    case 'on_publish':
      return publish(hook, deps);
    case 'on_unpublish':
      return unpublish(hook, deps);
    case 'on_play':
      return play(hook, deps);
  }
}

const clientOf = (hook: OnPublish | OnUnpublish): SrsClient => ({
  nodeId: hook.server_id,
  serviceId: hook.service_id,
  clientId: hook.client_id,
});

async function publish(hook: RelayedPublish, deps: HookDeps): Promise<HookOutcome> {
  const stream = streamIdOf(hook);
  if ('error' in stream) return stream;
  const token = pushTokenOf(hook.param);
  if (token !== undefined) return admitPush(hook, { streamId: stream.id, token }, deps);
  const request = await requestOf(hook, deps);
  const ids = { session: deps.randomId(8), broadcast: deps.randomId(8), sealedSecret: sealerOf(stream.id, deps) };
  const decision = await deps.streamStore.changeStream<PublishDecision>(stream.id, (current) => {
    const result = decidePublish(current, request, ids);
    return result.kind === 'admitted' && result.change ? { change: result.change, result } : { result };
  });
  if (decision.kind === 'refused') return { error: decision.error, message: decision.message };
  await tellNodes(hook, decision, deps);
  const { grant } = decision;
  deps.log.info('publisher_admitted', {
    ...grant,
    ...clientOf(hook),
    ip: hook.ip,
    again: decision.change === undefined,
  });
  return { code: 0, session: grant, ...encryptionOf(decision, deps) };
}

function sealerOf(streamId: StreamId, { contentSecret: environmentSecret, randomId }: HookDeps) {
  return environmentSecret === undefined ? undefined : () => sealNewSecret(streamId, { environmentSecret, randomId });
}

/** The encryption of an admitted session, opened for its agent. */
function encryptionOf(
  { grant, encryption }: Admitted,
  { contentSecret: environmentSecret }: HookDeps,
): Pick<HookAccepted, 'encryption'> {
  if (encryption === undefined || environmentSecret === undefined) return {};
  return { encryption: openEncryption(encryption, { streamId: grant.streamId, environmentSecret }) };
}

async function requestOf(hook: RelayedPublish, { clock, publishingMode, foreign = false }: HookDeps) {
  const key = streamKeyOf(hook.param);
  return {
    ...clientOf(hook),
    keyHash: key && sha256Hex(key),
    at: clock.now(),
    address: hook.ip,
    viaProxy: isAddressIn(hook.ip, UNSEEN),
    publishingMode: (await publishingMode?.()) ?? 'all',
    foreign,
    encrypts: hook.encrypts === true,
    encryptsSamples: hook.encryptsSamples === true,
  };
}

/** If this fails the hook does too; asked again it finds its session, and the reconciler tells the nodes. */
async function tellNodes(
  { server_id: nodeId }: OnPublish,
  { kick, cutoff, grant }: Admitted,
  deps: HookDeps,
): Promise<void> {
  if (kick !== undefined) await commandKick(kick, 'superseded', deps);
  if (cutoff !== undefined)
    await scheduleCutoff({ nodeId, streamId: grant.streamId, sessionId: grant.sessionId }, cutoff, deps);
}

async function unpublish(hook: OnUnpublish, { streamStore, clock, log }: HookDeps): Promise<HookOutcome> {
  const stream = streamIdOf(hook);
  if ('error' in stream) return stream;
  const decision = await streamStore.changeStream<UnpublishDecision>(stream.id, (current) => {
    const result = decideUnpublish(current, { ...clientOf(hook), at: clock.now() });
    return result.kind === 'ended' ? { change: result.change, result } : { result };
  });
  const who = { streamId: stream.id, ...clientOf(hook) };
  if (decision.kind === 'ended') log.info('publisher_left', { ...who, sessionId: decision.sessionId });
  else log.info('unpublish_ignored', { ...who, why: decision.why });
  return ACCEPTED;
}

/** A viewer by RTMP, FLV or WebRTC. The answer names the grant, so that the agent can end what it opened. */
async function play(hook: OnPlay, { streamStore, rights = NO_RIGHTS, clock }: HookDeps): Promise<HookOutcome> {
  const named = streamIdOf(hook);
  if ('error' in named) return named;
  const stream = await streamStore.getStream(named.id);
  if (stream === undefined) return { error: 'not_playable', message: 'there is no such stream' };
  if (stream.suspended !== undefined) return { error: 'suspended', message: 'the stream is suspended' };
  const right = await rightToPlay(stream, { token: playTokenOf(hook.param), nowMs: clock.now() }, rights);
  const readers = stream.allowedOrigins && { allowedOrigins: stream.allowedOrigins };
  if (right.kind === 'open') return { ...ACCEPTED, ...readers };
  if (right.kind === 'granted') return { code: 0, ...readers, play: { grantId: right.grantId, until: right.until } };
  return { error: right.kind === 'ended' ? 'grant_ended' : 'not_playable', message: right.message };
}

const NO_RIGHTS: RightDeps = { keys: [], grants: { get: async () => undefined } };
