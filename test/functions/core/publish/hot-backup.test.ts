import fc from 'fast-check';
import type { Session, Stream } from '../../../../functions/contract/state';
import type { PublishRequest } from '../../../../functions/core/publish/admission';
import { asSeen, liveSessions, reconcileBackup, settleBackup } from '../../../../functions/core/publish/hot-backup';
import { statusOf } from '../../../../functions/core/publish/liveness';
import { decidePublish } from '../../../../functions/core/publish/publish';
import { reconcileSession, strayPublishers } from '../../../../functions/core/publish/reconcile';
import { decideUnpublish } from '../../../../functions/core/publish/unpublish';
import { sha256Hex } from '../../../../functions/core/signing/hash';
import { stopStream } from '../../../../functions/core/streams/commands';
import { assertHotBackup } from '../../../../functions/core/streams/hot-backup';
import type { StreamChange } from '../../../../functions/ports/stores';
import { KEY, nodeOf, publishedStream, reported, sessionOf, streamOf } from '../../../support/streams';

const AT = 1_000_000;
const IDS = { session: 'ssssssss', broadcast: 'bbbbbbbb' };
const from = (node: number, more: Partial<PublishRequest> = {}): PublishRequest => ({
  nodeId: `node-${node}`,
  serviceId: `service-${node}`,
  clientId: `newcomer-${node}`,
  keyHash: sha256Hex(KEY),
  at: AT,
  address: '192.0.2.7',
  viaProxy: false,
  publishingMode: 'all',
  ...more,
});
const ON_AIR = sessionOf(1, { role: 'primary' });
const STANDING_BY = sessionOf(2, { nodeId: 'node-2', serviceId: 'service-2', role: 'backup', backupOf: ON_AIR.id });
const alone = (more: Partial<Stream> = {}): Stream =>
  publishedStream({ role: 'primary' }, { hotBackup: true, ...more });
const both = (more: Partial<Stream> = {}): Stream => alone({ ordinal: 2, backup: STANDING_BY, ...more });

function after(stream: Stream, request: PublishRequest): Stream {
  const decision = decidePublish(stream, request, IDS);
  if (decision.kind === 'refused') throw new Error(decision.message);
  return settleBackup(decision.change, request.at)?.stream ?? stream;
}

describe('the second publisher of a stream with hot backup', () => {
  it('stands by on another node, in the same broadcast, and nobody is told to leave', () => {
    const decision = decidePublish(alone(), from(2), IDS);
    const backup = { id: '2-ssssssss', role: 'backup', backupOf: ON_AIR.id, broadcastId: ON_AIR.broadcastId };
    expect(decision).toMatchObject({
      kind: 'admitted',
      grant: { sessionId: '2-ssssssss', role: 'backup', backupOf: ON_AIR.id },
      change: { stream: { session: ON_AIR, backup }, sessions: [backup] },
    });
    expect(decision).not.toHaveProperty('kick');
  });

  it('is found again when its hook comes twice', () => {
    const { nodeId, serviceId, clientId } = STANDING_BY;
    const decision = decidePublish(both(), from(2, { nodeId, serviceId, clientId }), IDS);
    expect(decision).toMatchObject({ kind: 'admitted', grant: { sessionId: STANDING_BY.id, role: 'backup' } });
    expect(decision).not.toHaveProperty('change');
  });

  it.each([
    ['on the node of the one on air', alone(), 1],
    ['on the node of the backup', both(), 2],
    ['on a third node', both(), 3],
  ])('is refused %s: those that are live stay', (_where, stream, node) => {
    expect(decidePublish(stream, from(node), IDS)).toMatchObject({ kind: 'refused', error: 'ingest_taken' });
  });

  it('takes over as ever from a session that was admitted before the setting', () => {
    expect(decidePublish(publishedStream({}, { hotBackup: true }), from(2), IDS)).toMatchObject({
      grant: { role: 'primary' },
      kick: { nodeId: 'node-1' },
    });
  });

  it('ends both when it takes over after the setting was switched off', () => {
    const decision = decidePublish(both({ hotBackup: false }), from(3), IDS);
    const ended = decision.kind === 'admitted' ? decision.change : undefined;
    expect(ended?.stream).not.toHaveProperty('backup');
    expect(ended?.sessions).toMatchObject([
      { id: STANDING_BY.id, endReason: 'superseded' },
      { id: ON_AIR.id, endReason: 'superseded' },
      { id: '3-ssssssss' },
    ]);
  });

  it('takes over as ever without the setting, with no field more than before', () => {
    const decision = decidePublish(publishedStream(), from(2), IDS);
    expect(decision).toMatchObject({ kick: { nodeId: 'node-1' } });
    expect(JSON.stringify(decision)).not.toMatch(/role|backup/i);
  });

  it('stands by for the backup when SRS restarts on the node of the one on air', () => {
    const restarted = after(both(), from(1, { serviceId: 'service-1-again' }));
    expect(restarted).toMatchObject({
      session: { id: STANDING_BY.id },
      backup: { nodeId: 'node-1', role: 'backup', backupOf: STANDING_BY.id },
    });
  });
});

describe('the end of one of two publishers', () => {
  const leaves = ({ nodeId, serviceId, clientId }: Session, stream = both()): Stream | undefined => {
    const decision = decideUnpublish(stream, { nodeId, serviceId, clientId, at: AT });
    return decision.kind === 'ended' ? settleBackup(decision.change, AT)?.stream : undefined;
  };

  it('of the one on air puts the backup in its place, in the same broadcast', () => {
    const stream = leaves(ON_AIR);
    expect(stream).toMatchObject({ session: STANDING_BY, unfinished: [{ state: 'open' }] });
    expect(stream).not.toHaveProperty('backup');
  });

  it('of the backup leaves the one on air', () => {
    const stream = leaves(STANDING_BY);
    expect(stream).toMatchObject({ session: ON_AIR });
    expect(stream).not.toHaveProperty('backup');
  });

  it('lets the encoder that comes back stand by', () => {
    const stream = leaves(ON_AIR);
    expect(stream && after(stream, from(1))).toMatchObject({
      session: STANDING_BY,
      backup: { nodeId: 'node-1', backupOf: STANDING_BY.id },
    });
  });

  it('by a node that is lost is seen at once, and made durable by the reconciler', () => {
    const nodes = [
      nodeOf({ heartbeatAt: AT - 60_000 }),
      nodeOf({ id: 'node-2', heartbeatAt: AT, sessions: [reported(STANDING_BY)] }),
    ];
    expect(statusOf(asSeen(both(), nodes, AT), nodes[1], AT)).toBe('live');
    const change = settleBackup(reconcileSession(both(), nodes[0], AT), AT);
    expect(change).toMatchObject({
      stream: { session: STANDING_BY },
      sessions: [{ id: ON_AIR.id, endReason: 'node_lost' }],
    });
  });

  it('of a backup whose node names it no longer is made durable by the reconciler', () => {
    const silent = [nodeOf({ id: 'node-2', heartbeatAt: AT })];
    expect(reconcileBackup(both(), silent, AT)).toMatchObject({
      stream: { session: ON_AIR },
      sessions: [{ id: STANDING_BY.id, endReason: 'not_reported' }],
    });
    const heard = [nodeOf({ id: 'node-2', heartbeatAt: AT, sessions: [reported(STANDING_BY)] })];
    expect(reconcileBackup(both(), heard, AT)).toBeUndefined();
  });

  it('by an order ends both', () => {
    const ordered = settleBackup(stopStream(both(), AT).change, AT);
    expect(ordered?.sessions).toMatchObject([
      { id: ON_AIR.id, endReason: 'stopped' },
      { id: STANDING_BY.id, endReason: 'stopped' },
    ]);
    expect(ordered?.stream).not.toHaveProperty('backup');
  });

  it('by a key that is over leaves a backup with the newer key', () => {
    const over = { ...ON_AIR, endedAt: AT, endReason: 'key_expired' } as const;
    const settle = (backup: Session) => settleBackup({ stream: both({ session: over, backup }) }, AT)?.stream;
    expect(settle(STANDING_BY)).toMatchObject({ session: { endReason: 'key_expired' } });
    expect(settle({ ...STANDING_BY, keyGeneration: 1 })).toMatchObject({ session: { id: STANDING_BY.id } });
  });

  it('makes neither of two live publishers a stray', () => {
    const nodes = [
      nodeOf({ heartbeatAt: AT, sessions: [reported(ON_AIR)] }),
      nodeOf({ id: 'node-2', heartbeatAt: AT, sessions: [reported(STANDING_BY)] }),
    ];
    expect(strayPublishers(nodes, [both()], AT)).toEqual([]);
  });
});

type Step = { kind: 'publish' | 'leave' | 'restart' | 'stop'; node: number };
const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('publish', 'publish', 'publish', 'leave', 'restart', 'stop'),
    node: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 30 },
);

/** Publishers that come, go and fall over, as one store keeps them. */
function play(story: readonly Step[]): Stream[] {
  const runs = [0, 0, 0, 0];
  const states: Stream[] = [streamOf({ hotBackup: true })];
  for (const [index, { kind, node }] of story.entries()) {
    const stream = states.at(-1) ?? streamOf();
    if (kind === 'restart') runs[node] = (runs[node] ?? 0) + 1;
    const at = AT + index * 3000;
    const newcomer = from(node, { serviceId: `service-${node}.${runs[node]}`, clientId: `client-${index}`, at });
    states.push(settleBackup(changeBy(kind, stream, { newcomer, index }), at)?.stream ?? stream);
  }
  return states;
}

function changeBy(
  kind: Step['kind'],
  stream: Stream,
  { newcomer, index }: { newcomer: PublishRequest; index: number },
): StreamChange | undefined {
  if (kind === 'stop') return stopStream(stream, newcomer.at).change;
  if (kind !== 'leave') return admittedAt(stream, newcomer, index);
  const on = liveSessions(stream).find(({ nodeId }) => nodeId === newcomer.nodeId);
  return on && endedBy(stream, on, newcomer.at);
}

function endedBy(stream: Stream, { nodeId, serviceId, clientId }: Session, at: number) {
  const decision = decideUnpublish(stream, { nodeId, serviceId, clientId, at });
  return decision.kind === 'ended' ? decision.change : undefined;
}

function admittedAt(stream: Stream, request: PublishRequest, index: number) {
  const random = `${index}`.padStart(8, '0');
  const decision = decidePublish(stream, request, { session: random, broadcast: random });
  return decision.kind === 'admitted' ? decision.change : undefined;
}

describe('publishers of a stream with hot backup, whatever they do', () => {
  it('are two at most, on two nodes, in one broadcast, and one of them is on air', () => {
    fc.assert(
      fc.property(steps, (story) => {
        for (const stream of play(story)) {
          const live = liveSessions(stream);
          expect(new Set(live.map(({ nodeId }) => nodeId)).size).toBe(live.length);
          expect(new Set(live.map(({ broadcastId }) => broadcastId)).size).toBeLessThanOrEqual(1);
          if (stream.backup !== undefined) expect(stream.session).not.toHaveProperty('endedAt');
        }
      }),
    );
  });

  it('never go back on air in a session that left it', () => {
    fc.assert(
      fc.property(steps, (story) => {
        const ordinals = play(story).flatMap(({ session }) => session?.ordinal ?? []);
        expect(ordinals).toEqual([...ordinals].sort((a, b) => a - b));
      }),
    );
  });
});

describe('hot backup', () => {
  it.each([
    [{ packaging: 'cmaf' }, "packaging is 'cmaf'"],
    [{ latency: 'low' }, "latency is 'low'"],
    [{ encryption: 'aes-128' }, "encryption is 'aes-128'"],
    [{ edges: 2 }, "edges is '2'"],
  ] as const)('does not go with %j', (more, because) => {
    expect(() => assertHotBackup({ hotBackup: true, ...more })).toThrow(
      `hotBackup: got true, must be false because ${because}`,
    );
    expect(() => assertHotBackup({ hotBackup: false, ...more })).not.toThrow();
  });
});
