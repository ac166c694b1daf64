export type { SubscriptionMessage } from './messages';
export { type PubsubServer, type PubsubServerOptions, pubsubServer } from './pubsub-server';
