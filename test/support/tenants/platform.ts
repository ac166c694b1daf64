import { memoryDeliveryQueue } from '../../../functions/adapters/memory/delivery-queue';
import { memoryEventBus } from '../../../functions/adapters/memory/event-bus';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { memoryWebhookStore } from '../../../functions/adapters/memory/webhook-store';
import { randomId } from '../../../functions/adapters/system';
import { eventingStreamStore } from '../../../functions/app/events/eventing-stream-store';
import type { PlatformEvent } from '../../../functions/contract/events';
import { receiverConcurrencyOf } from '../../../functions/core/webhooks/receiver-concurrency';
import { eventRelayHandler } from '../../../functions/event-relay/handler';
import type { Log, ObjectStore, SendResult, StreamStore } from '../../../functions/ports/stores';
import { reconcilerHandler } from '../../../functions/reconciler/handler';
import { srsHooksHandler } from '../../../functions/srs-hooks/handler';
import type { Spool } from '../../../srs-image/agent/session/ports';
import { Rig } from '../../srs-image/agent/rig';
import { noTakeDown } from '../fake-cdn';
import { postRequest, pushRequest } from '../google/pubsub-push';
import { type VirtualClock, virtualClock } from '../virtual-clock';
import { type Leak, leakyHooks, leakySlots } from './leaks';

/** What the hostile tenant does to everything that is done for it; nothing of it is done for anybody else. */
export interface Malice {
  /** The tenant's stream: what names it may be spoiled. */
  streamId: string;
  /** What becomes of work for the stream; undefined: it is done as it should be. */
  spoil(what: 'spool' | 'store' | 'document' | 'kick'): 'throws' | 'hangs' | undefined;
  /** What its receiver does. */
  receive(): SendResult | Promise<SendResult>;
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
/** Requests an instance of a function takes at a time, and how long each takes. */
const PLACES = 40;
const REQUEST_MS = 15;
const REQUEST_TIMEOUT_MS = 1500;
const RECONCILE_EVERY_MS = 20_000;

/** The real agent, srs-hooks, reconciler and event-relay over stores in memory and one virtual time. */
export class TenantPlatform {
  readonly clock: VirtualClock = virtualClock();
  readonly streamStore: StreamStore;
  readonly webhooks = memoryWebhookStore();
  readonly rig: Rig;
  /** Types of events by webhook, as their receivers took them. */
  readonly received = new Map<string, string[]>();
  private readonly queue = memoryDeliveryQueue();
  private readonly relay: ReturnType<typeof eventRelayHandler>;
  private readonly reconcile: ReturnType<typeof reconcilerHandler>;
  private busy = 0;
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(
    private readonly malice: Malice | undefined,
    leak: Leak | undefined,
  ) {
    const { clock } = this;
    const bus = memoryEventBus();
    bus.subscribe((event) => void this.relayed(event));
    this.streamStore = eventingStreamStore(this.spoiled(memoryStreamStore()), {
      bus,
      clock,
      log: silent,
      background: () => undefined,
    });
    const hooks = srsHooksHandler({ streamStore: this.streamStore, clock, randomId, log: silent });
    const post = leakyHooks(leak, (path, body) => this.ask(hooks, path, body), { clock, rig: () => this.rig });
    this.rig = new Rig({
      clock,
      hooks: { post },
      through: (store) => this.spoiledStore(store),
      spool: (disk) => this.spoiledSpool(disk),
    });
    this.relay = eventRelayHandler({
      ...{
        store: this.webhooks,
        queue: this.queue,
        receiverConcurrency: leakySlots(leak, receiverConcurrencyOf(4, 12)),
        clock,
        log: silent,
        randomId,
      },
      random: () => 0,
      send: async ({ url, body }) => this.send(url, body),
    });
    const stores = { ingest: this.rig.ingest, delivery: () => this.rig.open };
    this.reconcile = reconcilerHandler({
      ...noTakeDown(),
      ...stores,
      streamStore: this.streamStore,
      bus,
      clock,
      randomId,
      log: silent,
    });
  }

  /** Runs what runs by itself, until the time is reached. */
  async run(untilMs: number): Promise<void> {
    void this.every(RECONCILE_EVERY_MS, () => this.reconcile(postRequest('/', '')));
    void this.every(5000, () => this.relay(postRequest('/retries', '')));
    void this.every(250, async () => this.pushOrders());
    await this.clock.run(this.clock.now() + untilMs);
    this.rig.dispose();
  }

  private async every(ms: number, work: () => Promise<unknown>): Promise<never> {
    for (;;) {
      await this.clock.sleep(ms);
      void work().catch(() => undefined);
    }
  }

  /** As a function's instance does: beyond its places a request is refused. */
  private async ask(handler: (request: Request) => Promise<Response>, path: string, body: object) {
    if (this.busy >= PLACES) return { status: 429, body: undefined };
    this.busy += 1;
    const answered = this.clock
      .sleep(REQUEST_MS)
      .then(() => handler(postRequest(path, JSON.stringify(body))))
      .finally(() => {
        this.busy -= 1;
      });
    const late = this.clock.sleep(REQUEST_TIMEOUT_MS).then(() => undefined);
    const answer = await Promise.race([answered, late]);
    if (answer === undefined) throw new Error('The operation was aborted due to timeout');
    return { status: answer.status, body: await answer.json() };
  }

  private async relayed(event: PlatformEvent): Promise<void> {
    await this.clock.sleep(50);
    await this.relay(pushRequest('/events', event));
  }

  /** As Pub/Sub pushes: of one ordering key the next only when the one before was answered. */
  private pushOrders(): void {
    for (const { orderingKey, ...order } of this.queue.orders.splice(0)) {
      const before = this.turns.get(orderingKey) ?? Promise.resolve();
      const turn = before.then(() => this.relay(pushRequest('/deliveries', order)));
      this.turns.set(
        orderingKey,
        turn.catch(() => undefined),
      );
    }
  }

  private async send(url: string, body: string): Promise<SendResult> {
    if (this.malice !== undefined && url.includes(this.malice.streamId)) return this.malice.receive();
    await this.clock.sleep(40);
    const { type, streamId }: PlatformEvent & { streamId?: string } = JSON.parse(body);
    if (streamId === undefined || url.includes(streamId)) this.received.set(url, [...(this.received.get(url) ?? []), type]);
    return { status: 200, latencyMs: 40 };
  }

  private spoiled(streamStore: StreamStore): StreamStore {
    const { malice } = this;
    return {
      ...streamStore,
      changeStream: async (id, decide) => {
        const how = id === malice?.streamId ? malice.spoil('document') : undefined;
        if (how === 'hangs') return never();
        if (how === 'throws') throw new Error('the document is locked');
        return streamStore.changeStream(id, decide);
      },
    };
  }

  private spoiledSpool(disk: Spool): Spool {
    const { malice } = this;
    const check = (streamId: string) => {
      if (streamId === malice?.streamId && malice.spoil('spool') !== undefined) throw new Error('ENOSPC');
    };
    return {
      ...disk,
      append(ref, record) {
        check(ref.streamId);
        disk.append(ref, record);
      },
      replace(ref, state) {
        check(ref.streamId);
        disk.replace(ref, state);
      },
      link(ref, index, path) {
        check(ref.streamId);
        return disk.link(ref, index, path);
      },
    };
  }

  private spoiledStore(store: ObjectStore): ObjectStore {
    const { malice } = this;
    return {
      ...store,
      write: async (name, content, options) => {
        const how = malice !== undefined && name.includes(malice.streamId) ? malice.spoil('store') : undefined;
        if (how === 'hangs') return never();
        if (how === 'throws') throw new Error('503');
        return store.write(name, content, options);
      },
    };
  }
}
