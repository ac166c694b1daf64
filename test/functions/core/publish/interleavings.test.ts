import fc from 'fast-check';
import { memoryObjectStore } from '../../../../functions/adapters/memory/object-store';
import { memoryStreamStore } from '../../../../functions/adapters/memory/stream-store';
import { decideHook } from '../../../../functions/app/publish/hooks';
import { commandKick, scheduleCutoff } from '../../../../functions/app/publish/notify-node';
import { takeHeartbeat } from '../../../../functions/app/publish/take-heartbeat';
import type { StreamStatus } from '../../../../functions/contract/api/streams';
import type { OnPublish, OnUnpublish, SessionGrant } from '../../../../functions/contract/hooks/srs';
import type { Broadcast, Session, Stream } from '../../../../functions/contract/state';
import { statusOf } from '../../../../functions/core/publish/liveness';
import { sha256Hex } from '../../../../functions/core/signing/hash';
import {
  type Ordered,
  resumeStream,
  rotateKey,
  stopStream,
  suspendStream,
} from '../../../../functions/core/streams/commands';
import { reconcilerHandler } from '../../../../functions/reconciler/handler';
import { noTakeDown } from '../../../support/fake-cdn';
import { manualClock } from '../../../support/manual-clock';
import { heartbeatOf, STREAM_ID, streamOf } from '../../../support/streams';

/**
 * Two nodes, publishers that come and go on one stream, and hooks that are doubled, reordered and lost: the real
 * decisions, run against the stream store. A node behaves as the agent does: it keeps what it was granted, kicks the
 * one before on its own SRS, and obeys the answers to its heartbeats.
 */
const NODES = ['node-1', 'node-2'] as const;
type NodeName = (typeof NODES)[number];

type Step =
  | { kind: 'connect'; node: NodeName }
  | { kind: 'leave'; pick: number }
  | { kind: 'deliver'; pick: number; again: boolean }
  | { kind: 'lose'; pick: number }
  | { kind: 'heartbeat'; node: NodeName }
  | { kind: 'reconcile' }
  | { kind: 'wait'; seconds: number }
  | { kind: 'rotate'; graceSeconds: number }
  | { kind: 'suspend' | 'resume' | 'stop' };

const node = fc.constantFrom(...NODES);
const pick = fc.nat(9);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('connect' as const), node }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), pick }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const), pick, again: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('heartbeat' as const), node }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reconcile' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 5, 15, 30, 70) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('rotate' as const), graceSeconds: fc.constantFrom(0, 5, 60) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('suspend' as const, 'resume' as const, 'stop' as const) }),
  },
);

interface Publisher {
  node: NodeName;
  /** The number of the stream key that it has. */
  key: number;
  clientId: string;
  connected: boolean;
  grant?: SessionGrant;
}
type Hook = { action: 'on_publish' | 'on_unpublish'; publisher: Publisher };

interface State {
  stream: Stream;
  sessions: Session[];
  broadcasts: Broadcast[];
}

class World {
  readonly streamStore = memoryStreamStore();
  readonly clock = manualClock();
  readonly publishers: Publisher[] = [];
  private readonly log = { info: () => {}, warn: () => {}, error: () => {} };
  private readonly inFlight: Hook[] = [];
  private serial = 0;
  private keys = 1;
  private readonly randomId = (length: number) => `${this.serial++}`.padStart(length, '0');
  private readonly store = memoryObjectStore();
  private readonly reconciler = reconcilerHandler({
    ...this,
    ingest: this.store,
    delivery: () => this.store,
    ...noTakeDown(),
    ...this.ports(),
  });

  private ports() {
    return { streamStore: this.streamStore, clock: this.clock, log: this.log, randomId: this.randomId };
  }

  async run(step: Step): Promise<void> {
    switch (step.kind) {
      case 'connect':
        return this.connect(step.node);
      case 'leave':
        return this.leave(at(this.publishers.filter(isConnected), step.pick));
      case 'deliver':
        return this.deliver(step.pick, step.again);
      case 'lose':
        return void this.inFlight.splice(step.pick % Math.max(1, this.inFlight.length), 1);
      case 'heartbeat':
        return this.heartbeat(step.node);
      case 'reconcile':
        return this.reconcile();
      case 'wait':
        return this.clock.advance(step.seconds * 1000);
      case 'rotate':
        return this.rotate(step.graceSeconds);
      case 'suspend':
        return this.order((stream) => suspendStream(stream, { at: this.clock.now(), reason: undefined }));
      case 'resume':
        return this.order((stream) => resumeStream(stream, this.clock.now()));
      case 'stop':
        return this.order((stream) => stopStream(stream, this.clock.now()));
    }
  }

  private connect(on: NodeName): void {
    const publisher = { node: on, key: this.keys - 1, clientId: `client-${this.publishers.length}`, connected: true };
    this.publishers.push(publisher);
    this.inFlight.push({ action: 'on_publish', publisher });
  }

  private rotate(graceSeconds: number): Promise<void> {
    const keyHash = sha256Hex(keyOf(this.keys++));
    return this.order((stream) => rotateKey(stream, { keyHash, graceMs: graceSeconds * 1000, at: this.clock.now() }));
  }

  /** As the API carries an order out. */
  private async order(decide: (stream: Stream) => Ordered): Promise<void> {
    const ordered = await this.streamStore.changeStream<Ordered>(STREAM_ID, (stream) => {
      const result = stream === undefined ? {} : decide(stream);
      return result.change === undefined ? { result } : { change: result.change, result };
    });
    if (ordered.kick) await commandKick(ordered.kick.session, ordered.kick.reason, this);
    if (ordered.plan) await scheduleCutoff(ordered.plan.session, ordered.plan.cutoff, this);
  }

  private leave(publisher: Publisher | undefined): void {
    if (!publisher?.connected) return;
    publisher.connected = false;
    this.inFlight.push({ action: 'on_unpublish', publisher });
  }

  private async deliver(pickHook: number, again: boolean): Promise<void> {
    const hook = at(this.inFlight, pickHook);
    if (hook === undefined) return;
    if (!again) this.inFlight.splice(this.inFlight.indexOf(hook), 1);
    const before = await this.streamStore.listSessions(STREAM_ID);
    const outcome = await decideHook(bodyOf(hook), this.ports());
    const after = await this.streamStore.listSessions(STREAM_ID);
    if (hook.action === 'on_unpublish') return expectOnlyOwnEnd(hook.publisher, before, after);
    expectNoSecondSession(hook.publisher, before, after);
    if ('error' in outcome) hook.publisher.connected = false;
    else if (outcome.session !== undefined) await this.granted(hook.publisher, outcome.session, after);
  }

  private async granted(publisher: Publisher, grant: SessionGrant, sessions: readonly Session[]): Promise<void> {
    // Newest admitted wins: an admitted publisher's session is the stream's newest, and not over.
    expect(sessions.at(-1)).toMatchObject({
      id: grant.sessionId,
      ordinal: grant.ordinal,
      clientId: publisher.clientId,
    });
    expect(sessions.at(-1)).not.toHaveProperty('endedAt');
    publisher.grant = grant;
    for (const other of this.publishers)
      if (other !== publisher && other.node === publisher.node && other.grant) this.leave(other);
  }

  private async heartbeat(on: NodeName): Promise<void> {
    const mine = this.publishers.filter((each) => each.node === on && each.connected);
    const sessions = mine.flatMap(({ grant }) =>
      grant === undefined
        ? []
        : [{ streamId: STREAM_ID, sessionId: grant.sessionId, publishing: true, pendingSegments: 0 }],
    );
    const { commands } = await takeHeartbeat(heartbeatOf({ nodeId: on, sessions }), this.ports());
    for (const command of commands) {
      if (command.kind === 'kick') this.leave(mine.find(({ grant }) => grant?.sessionId === command.sessionId));
    }
  }

  private async reconcile(): Promise<void> {
    const answer = await this.reconciler(new Request('http://function/', { method: 'POST' }));
    expect(answer.status).toBe(200);
  }

  /** Everything undelivered is lost, nobody new comes, and heartbeats and reconciler go on for a while. */
  async settle(): Promise<void> {
    this.inFlight.length = 0;
    for (const publisher of this.publishers) publisher.connected &&= publisher.grant !== undefined;
    for (let round = 0; round < 15; round += 1) {
      for (const each of NODES) await this.heartbeat(each);
      await this.clock.advance(10_000);
      if (round % 3 === 2) await this.reconcile();
    }
    this.inFlight.length = 0;
    for (const each of NODES) await this.heartbeat(each);
  }

  async read(): Promise<State> {
    const stream = await this.streamStore.getStream(STREAM_ID);
    if (stream === undefined) throw new Error('the stream is gone');
    const sessions = await this.streamStore.listSessions(STREAM_ID);
    const broadcasts = await this.streamStore.listBroadcasts(STREAM_ID);
    return { stream, sessions, broadcasts };
  }

  async status(): Promise<StreamStatus> {
    const { stream } = await this.read();
    return statusOf(stream, await this.streamStore.getNode(stream.session?.nodeId ?? ''), this.clock.now());
  }
}

const keyOf = (n: number): string => `sk_${n.toString(2).padStart(32, '0').replaceAll('0', 'a').replaceAll('1', 'b')}`;
const isConnected = ({ connected }: Publisher): boolean => connected;
const at = <T>(items: readonly T[], index: number): T | undefined => items[index % Math.max(1, items.length)];

function bodyOf({ action, publisher }: Hook): OnPublish | OnUnpublish {
  const common = {
    server_id: publisher.node,
    service_id: 'service-1',
    client_id: publisher.clientId,
    ip: '',
    vhost: '',
    app: 'live',
  };
  return { action, ...common, tcUrl: '', stream: STREAM_ID, param: `?key=${keyOf(publisher.key)}` };
}

function expectOnlyOwnEnd({ clientId }: Publisher, before: readonly Session[], after: readonly Session[]): void {
  const ofOthers = (sessions: readonly Session[]) => sessions.filter((session) => session.clientId !== clientId);
  expect(ofOthers(after)).toEqual(ofOthers(before));
}

/** A doubled on_publish finds its session; one of a client that a newer one followed starts none. */
function expectNoSecondSession({ clientId }: Publisher, before: readonly Session[], after: readonly Session[]): void {
  const own = before.filter((session) => session.clientId === clientId).at(-1);
  if (own === undefined || (own.ordinal === before.length && own.endedAt !== undefined)) return;
  expect(after).toHaveLength(before.length);
}

const ORDER = ['open', 'closing', 'closed'];

/** Returns the broken invariants; `known` is the state before the step. */
function violations({ stream, sessions, broadcasts: all }: State, known: State): string[] {
  const broadcasts = sessions.map(({ broadcastId }) => broadcastId);
  const open = stream.unfinished.filter(({ state }) => state === 'open').map(({ id }) => id);
  const isLive = stream.session !== undefined && stream.session.endedAt === undefined;
  const holds: Record<string, boolean> = {
    'one session at most has not ended': sessions.filter(({ endedAt }) => endedAt === undefined).length <= 1,
    'ordinals count up from 1':
      sessions.every(({ ordinal }, index) => ordinal === index + 1) && stream.ordinal === sessions.length,
    'the stream holds its newest session': JSON.stringify(stream.session) === JSON.stringify(sessions.at(-1)),
    'a session stays what it was': known.sessions.every(
      (session, index) => identityOf(session) === identityOf(sessions[index]),
    ),
    'the sessions of a broadcast follow each other':
      broadcasts.filter((id, index) => id !== broadcasts[index - 1]).length === new Set(broadcasts).size,
    'only the broadcast of the newest session is open':
      open.every((id) => id === broadcasts.at(-1)) && open.length <= 1,
    'a broadcast never opens again': known.broadcasts.every(
      ({ state }, index) => ORDER.indexOf(all[index]?.state ?? '') >= ORDER.indexOf(state),
    ),
    'a broadcast that closes takes nothing in': sessions
      .slice(known.sessions.length)
      .every(({ broadcastId }) => (known.broadcasts.find(({ id }) => id === broadcastId)?.state ?? 'open') === 'open'),
    'a live session has an open broadcast': !isLive || open.length === 1,
    'a suspended stream has no live session': !isLive || stream.suspended === undefined,
    'a session was admitted with a key the stream had': sessions.every(
      ({ keyGeneration = 0 }) => keyGeneration <= (stream.keyGeneration ?? 0),
    ),
    'a key that was followed by another takes over none': sessions
      .slice(known.sessions.length)
      .every(({ keyGeneration = 0 }) => keyGeneration >= liveGeneration(known)),
    'a session whose key has gone twice is over':
      !isLive || (stream.session?.keyGeneration ?? 0) >= (stream.keyGeneration ?? 0) - 1,
  };
  return Object.keys(holds).filter((name) => !holds[name]);
}

/** The generation of the key whose publisher was live; -1 if none was. */
const liveGeneration = ({ stream: { session } }: State): number =>
  session === undefined || session.endedAt !== undefined ? -1 : (session.keyGeneration ?? 0);

const identityOf = (session?: Session): string =>
  JSON.stringify([
    session?.id,
    session?.ordinal,
    session?.broadcastId,
    session?.nodeId,
    session?.clientId,
    session?.startedAt,
  ]);

async function runAll(steps: readonly Step[]): Promise<World> {
  const world = new World();
  await world.streamStore.createStream(streamOf({ keyHash: sha256Hex(keyOf(0)) }));
  let known = await world.read();
  for (const run of [...steps.map((step) => () => world.run(step)), () => world.settle()]) {
    await run();
    const now = await world.read();
    expect(violations(now, known)).toEqual([]);
    known = now;
  }
  return world;
}

describe('publishers of one stream, in any order of hooks', () => {
  it('never leave two sessions, never end a newer one, and always come to rest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 40, size: 'max' }), async (steps) => {
        const world = await runAll(steps);
        const { stream } = await world.read();
        const publishing = world.publishers.filter(isConnected);
        expect(publishing.length).toBeLessThanOrEqual(1);
        const settled = stream.session;
        if (publishing[0] !== undefined) {
          // The grace of any key is over by now.
          expect(settled?.keyGeneration ?? 0).toBe(stream.keyGeneration ?? 0);
          expect(stream).not.toHaveProperty('suspended');
          expect(await world.status()).toBe('live');
          expect(stream.session).toMatchObject({ id: publishing[0].grant?.sessionId });
          expect(stream.session).not.toHaveProperty('endedAt');
        } else {
          expect(['idle', 'ended']).toContain(await world.status());
          expect(stream.unfinished).toEqual([]);
        }
      }),
      // A busy machine tries fewer: the time is bounded, and what was tried must hold.
      { numRuns: 300, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false },
    );
  }, 30_000);
});
