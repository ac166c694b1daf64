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
import { Rig } from '../../srs-image/agent/rig';
import { noTakeDown } from '../fake-cdn';
import { postRequest, pushRequest } from '../google/pubsub-push';
import { type VirtualClock, virtualClock } from '../virtual-clock';
import { type TenantApi, tenantApi } from './api';
import { instanceOf } from './instance';
import { type Leak, leakyHooks, leakySlots } from './leaks';
import { type LivePlaylists, livePlaylists } from './live-playlists';
import { type Malice, spoiledSpool, spoiledSrs, spoiledStore, spoiledStreams } from './malice';

/** The prefix of the hostile tenant's client ids. */
export const HOSTILE_CLIENTS = 'strange';
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** The instance of srs-hooks; the agent waits no longer than that. */
const HOOKS_INSTANCE = { places: 40, requestMs: 15, timeoutMs: 1500 };
const RECONCILE_EVERY_MS = 20_000;

/** The real agent, srs-hooks, reconciler and event-relay over stores in memory and one virtual time. */
export class TenantPlatform {
  readonly clock: VirtualClock = virtualClock();
  readonly streamStore: StreamStore;
  readonly webhooks = memoryWebhookStore();
  readonly rig: Rig;
  readonly playlists: LivePlaylists;
  readonly api: TenantApi;
  /** Types of events by webhook, as their receivers took them. */
  readonly received = new Map<string, string[]>();
  private readonly queue = memoryDeliveryQueue();
  private readonly relay: ReturnType<typeof eventRelayHandler>;
  private readonly reconcile: ReturnType<typeof reconcilerHandler>;
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(
    private readonly malice: Malice | undefined,
    leak: Leak | undefined,
  ) {
    const { clock } = this;
    const bus = memoryEventBus();
    bus.subscribe((event) => void this.relayed(event));
    this.streamStore = eventingStreamStore(spoiledStreams(malice, memoryStreamStore()), {
      bus,
      clock,
      log: silent,
      background: () => undefined,
    });
    const hooks = srsHooksHandler({ streamStore: this.streamStore, clock, randomId, log: silent });
    const ask = instanceOf(clock, hooks, HOOKS_INSTANCE);
    const post = leakyHooks(leak, (path, body) => postTo(ask, path, body), { clock, rig: () => this.rig });
    this.rig = new Rig({
      clock,
      hooks: { post },
      through: (store) => this.told(spoiledStore(malice, store)),
      spool: (disk) => spoiledSpool(malice, disk),
      srs: (api) => spoiledSrs(malice, HOSTILE_CLIENTS, api),
    });
    const buckets = { ingest: spoiledStore(malice, this.rig.ingest), open: spoiledStore(malice, this.rig.open) };
    this.playlists = livePlaylists({ ...buckets, clock, randomId, log: silent, leak });
    this.api = tenantApi(this, leak);
    this.relay = eventRelayHandler({
      store: this.webhooks,
      streamStore: this.streamStore,
      queue: this.queue,
      receiverConcurrency: leakySlots(leak, receiverConcurrencyOf(4, 12)),
      clock,
      log: silent,
      randomId,
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

  /** Objects of the ingest bucket, each write with its event. */
  private told(store: ObjectStore): ObjectStore {
    return {
      ...store,
      write: async (name, content, options) => {
        const outcome = await store.write(name, content, options);
        if (outcome.kind === 'written' && name.endsWith('.m3u8'))
          void this.playlists.finalized(name, outcome.generation);
        return outcome;
      },
    };
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
    if (streamId === undefined || url.includes(streamId))
      this.received.set(url, [...(this.received.get(url) ?? []), type]);
    return { status: 200, latencyMs: 40 };
  }
}

/** As the agent asks: no answer in time is an error, whatever the body is, it is JSON. */
async function postTo(ask: (request: Request) => Promise<Response | undefined>, path: string, body: object) {
  const answer = await ask(postRequest(path, JSON.stringify(body)));
  if (answer === undefined) throw new Error('The operation was aborted due to timeout');
  return { status: answer.status, body: await answer.json() };
}
