import type { HookAccepted, OnPlay, OnPublish, OnUnpublish, RelayedHook } from '../contract/srs-hooks';
import { streamKeyOf } from '../core/keys';
import type { Clock, Log, RandomId, Registry } from '../core/ports';
import type { Client } from '../core/publish/client';
import { addKick } from '../core/publish/heartbeat';
import { decidePlay } from '../core/publish/play';
import { decidePublish, type Kick, type PublishDecision } from '../core/publish/publish';
import { decideUnpublish, type UnpublishDecision } from '../core/publish/unpublish';
import { sha256Hex } from '../core/signing/hash';
import { type Refusal, refusedApp, streamIdOf } from './hook-name';

export interface HookDeps {
  registry: Registry;
  clock: Clock;
  randomId: RandomId;
  log: Log;
}

export type HookOutcome = HookAccepted | Refusal;

const ACCEPTED: HookAccepted = { code: 0 };

/** What a hook of SRS comes to: decided in the core, written in one transaction. */
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

const clientOf = (hook: OnPublish | OnUnpublish): Client => ({
  nodeId: hook.server_id,
  serviceId: hook.service_id,
  clientId: hook.client_id,
});

async function publish(hook: OnPublish, deps: HookDeps): Promise<HookOutcome> {
  const stream = streamIdOf(hook);
  if ('error' in stream) return stream;
  const key = streamKeyOf(hook.param);
  const request = { ...clientOf(hook), keyHash: key && sha256Hex(key), at: deps.clock.now() };
  const ids = { session: deps.randomId(8), broadcast: deps.randomId(8) };
  const decision = await deps.registry.changeStream<PublishDecision>(stream.id, (current) => {
    const result = decidePublish(current, request, ids);
    return result.kind === 'admitted' && result.change ? { change: result.change, result } : { result };
  });
  if (decision.kind === 'refused') return { error: decision.error, message: decision.message };
  if (decision.kick) await tellToKick(decision.kick, deps);
  const { grant } = decision;
  deps.log.info('publisher_admitted', { ...grant, ...clientOf(hook), ip: hook.ip, again: decision.change === undefined });
  return { code: 0, session: grant };
}

/** If this fails the hook does too; asked again it finds its session, and the reconciler tells the node. */
async function tellToKick(kick: Kick, { registry, clock }: HookDeps): Promise<void> {
  const why = { reason: 'superseded', at: clock.now() };
  await registry.changeNode(kick.nodeId, (current) => {
    const node = addKick(current, kick, why);
    return node === undefined ? { result: undefined } : { node, result: undefined };
  });
}

async function unpublish(hook: OnUnpublish, { registry, clock, log }: HookDeps): Promise<HookOutcome> {
  const stream = streamIdOf(hook);
  if ('error' in stream) return stream;
  const decision = await registry.changeStream<UnpublishDecision>(stream.id, (current) => {
    const result = decideUnpublish(current, { ...clientOf(hook), at: clock.now() });
    return result.kind === 'ended' ? { change: result.change, result } : { result };
  });
  const who = { streamId: stream.id, ...clientOf(hook) };
  if (decision.kind === 'ended') log.info('publisher_left', { ...who, sessionId: decision.sessionId });
  else log.info('unpublish_ignored', { ...who, why: decision.why });
  return ACCEPTED;
}

async function play(hook: OnPlay, { registry }: HookDeps): Promise<HookOutcome> {
  const stream = streamIdOf(hook);
  if ('error' in stream) return stream;
  return decidePlay(await registry.getStream(stream.id)) ?? ACCEPTED;
}
