import { Server, ServerCredentials } from '@grpc/grpc-js';
import { serviceDefinition } from '../server/client-protos';
import { type EventFaults, NO_EVENT_FAULTS } from '../server/event-faults';
import { close, listen } from '../server/listen';
import type { LocalService } from '../server/local-service';
import { Broker } from './broker';
import type { SubscriptionMessage } from './messages';
import { PushLoop } from './push';
import { restFace } from './rest';
import { publisherRpcs, subscriberRpcs } from './rpc';
import { sharedPort } from './shared-port';

export interface PubsubServerOptions {
  /** The port; 0: any free one, kept for later starts. */
  port: number;
  /** Full names of topics that exist from the beginning. */
  topics?: readonly string[];
  /** Subscriptions that exist from the beginning. */
  subscriptions?: readonly SubscriptionMessage[];
  /** Makes the ID token of a service account, for push subscriptions that name one. @default they carry none */
  idToken?: (identity: { email: string; audience: string }) => Promise<string>;
  /** Faults, which may change while messages flow. @default none */
  faults?: EventFaults;
  /** @default the wall clock */
  clock?: { now(): number };
  random?: () => number;
}

export interface PubsubServer extends LocalService {
  /** Returns the number of messages that a subscription has not had acknowledged, by its full name. */
  backlogOf(subscription: string): number;
}

/** A publish of 10 MB, and room for its frame. https://cloud.google.com/pubsub/quotas#resource_limits */
const MAX_MESSAGE_BYTES = 11 << 20;
/** The interval at which expired leases, delays and backoffs are noticed. */
const TICK_MS = 25;
const PROTOS = ['@google-cloud/pubsub', 'build/protos/protos.json'] as const;

/**
 * Pub/Sub for the real client on this machine, in memory, gRPC and REST on one port: `new PubSub({ projectId,
 * apiEndpoint: url.host })` with `emulatorMode`, or PUBSUB_EMULATOR_HOST. Not imitated: exactly-once delivery,
 * snapshots and seek, schemas, unwrapped push, IAM. Its messages outlive `stop` and `start`.
 */
export function pubsubServer(options: PubsubServerOptions): PubsubServer {
  const { clock = Date, random = Math.random, faults = { ...NO_EVENT_FAULTS }, idToken } = options;
  const pushes: PushLoop[] = [];
  let running: { stop(): Promise<void> } | undefined;
  let { port } = options;
  const broker = new Broker({
    now: () => clock.now(),
    random,
    faults,
    onSubscription(subscription) {
      const push = new PushLoop(subscription, { idToken });
      pushes.push(push);
      subscription.onEnd(() => push.stop());
      if (running !== undefined) push.start();
    },
  });
  for (const name of options.topics ?? []) broker.createTopic({ name });
  for (const subscription of options.subscriptions ?? []) broker.createSubscription(subscription);

  return {
    name: 'pubsub',
    async start() {
      const face = faceOf(broker);
      port = await listen(face.server, port, 'pubsub').catch((error: unknown) => {
        face.stop();
        throw error;
      });
      for (const push of pushes) push.start();
      const ticker = setInterval(() => broker.tick(), TICK_MS);
      running = {
        async stop() {
          clearInterval(ticker);
          for (const push of pushes) push.stop();
          face.stop();
          await close(face.server);
        },
      };
      return new URL(`http://127.0.0.1:${port}`);
    },
    async stop() {
      const stopping = running;
      running = undefined;
      await stopping?.stop();
    },
    backlogOf: (name) => broker.subscription(name).size,
  };
}

function faceOf(broker: Broker) {
  const grpc = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
  grpc.addService(serviceDefinition(...PROTOS, 'google.pubsub.v1.Publisher'), publisherRpcs(broker));
  grpc.addService(serviceDefinition(...PROTOS, 'google.pubsub.v1.Subscriber'), subscriberRpcs(broker));
  const http = restFace(broker);
  const { server, closeAll } = sharedPort({
    grpc: grpc.createConnectionInjector(ServerCredentials.createInsecure()),
    http,
  });
  return {
    server,
    stop() {
      grpc.forceShutdown();
      http.closeAllConnections();
      closeAll();
    },
  };
}
