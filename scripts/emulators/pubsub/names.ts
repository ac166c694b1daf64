import { PubsubError } from './pubsub-error';

/** https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names */
const NAME = /^projects\/[a-z0-9][a-z0-9.:-]{0,62}\/(topics|subscriptions)\/(?!goog)[A-Za-z][A-Za-z0-9\-_.~+%]{2,254}$/;
/** The topic that a subscription names after its topic was deleted. */
export const DELETED_TOPIC = '_deleted-topic_';

/** Checks `projects/<project>/topics/<topic>`; refuses everything else. */
export const topicName = (name: string | undefined): string => checked(name, 'topics');
/** Checks `projects/<project>/subscriptions/<subscription>`; refuses everything else. */
export const subscriptionName = (name: string | undefined): string => checked(name, 'subscriptions');

function checked(name: string | undefined, kind: 'topics' | 'subscriptions'): string {
  const found = NAME.exec(name ?? '');
  if (name === undefined || found?.[1] !== kind)
    throw new PubsubError(
      'INVALID_ARGUMENT',
      `Invalid resource name given (name=${name ?? ''}): use projects/<project>/${kind}/<id>.`,
    );
  return name;
}

/** Returns the text after the last slash. */
export const shortName = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
export const projectOf = (name: string): string => name.split('/')[1] ?? '';
