export { type PubsubServer, pubsubServer } from './pubsub-server';
