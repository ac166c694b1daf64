import { PubSub } from '@google-cloud/pubsub';

// Without it the client asks for a metadata server, and warns that there is none.
process.env.METADATA_SERVER_DETECTION = 'none';

/** The real client at a stand-in; it looks for no credentials then. */
export const pubsubClient = (host: string, projectId = 'test-project'): PubSub =>
  new PubSub({ projectId, apiEndpoint: host, emulatorMode: true });
