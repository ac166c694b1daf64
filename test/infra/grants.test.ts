import { ENVIRONMENTS, resourcesOf, synthBootstrap, synthEnvironment, type TerraformJson } from '../support/synth';

const { dev, staging, prod } = ENVIRONMENTS;
const synthesised = { dev: synthEnvironment(dev), staging: synthEnvironment(staging), prod: synthEnvironment(prod) };

describe('the list of grants', () => {
  /** `<account> <role> on <resource>`, in words: a grant more or less is a line here. */
  const grants = (json: TerraformJson): string[] =>
    resourcesOf(json, /_iam_member$/)
      .map(
        ({ path, attributes }) => `${path}: ${String(attributes.role).replace(/(live[-_])(staging|prod)/g, '$1dev')}`,
      )
      .sort();

  /** The grants of an environment with chat. */
  const OF_CHAT = [
    'functions/chat/invoker-everyone: roles/run.invoker',
    'registry/user-chat: roles/datastore.user',
    'token-keys/reader-chat: roles/secretmanager.secretAccessor',
  ];

  it('is this, and nothing more', () => {
    expect(grants(synthesised.dev)).toEqual(
      [
        ...['budget-guard', 'event-relay', 'runaway-streams', 'webhook-deliveries'].map(
          (subscription) => `events/push-${subscription}/acknowledger-pubsub: roles/pubsub.subscriber`,
        ),
        'events/stream-events-dead/publisher-event-relay: roles/pubsub.publisher',
        'events/stream-events-dead/publisher-pubsub: roles/pubsub.publisher',
        ...['api', 'budget-guard', 'reconciler', 'srs-hooks'].map(
          (teller) => `events/stream-events/publisher-${teller}: roles/pubsub.publisher`,
        ),
        ...['api', 'event-relay'].map(
          (sender) => `events/webhook-deliveries/publisher-${sender}: roles/pubsub.publisher`,
        ),
        'events/runaway-streams/publisher-hls-publisher: roles/pubsub.publisher',
        'receivers/budget-guard/invoker-push-budget: roles/run.invoker',
        'receivers/budget-guard/invoker-push-runaway: roles/run.invoker',
        'receivers/event-relay/invoker-push-event: roles/run.invoker',
        'receivers/event-relay/invoker-push-webhook: roles/run.invoker',
        'receivers/event-relay/invoker-retries: roles/run.invoker',
        'functions/api/invoker-everyone: roles/run.invoker',
        ...OF_CHAT,
        'functions/hls-publisher/invoker-trigger: roles/run.invoker',
        'functions/reconciler/invoker-scheduler: roles/run.invoker',
        'functions/srs-hooks/invoker-edge: roles/run.invoker',
        'functions/srs-hooks/invoker-node: roles/run.invoker',
        'admin-key/reader-api: roles/secretmanager.secretAccessor',
        'content-secret/reader-api: roles/secretmanager.secretAccessor',
        'content-secret/reader-srs-hooks: roles/secretmanager.secretAccessor',
        'images/reader-edge: roles/artifactregistry.reader',
        'images/reader-node: roles/artifactregistry.reader',
        'images/reader-turn: roles/artifactregistry.reader',
        'media/ingest/reader-hls-publisher: roles/storage.objectViewer',
        'media/ingest/reader-reconciler: roles/storage.objectViewer',
        'media/ingest/writer-api: roles/storage.objectUser',
        'media/ingest/writer-node: roles/storage.objectUser',
        ...['open', 'gated'].flatMap((bucket) => [
          `media/${bucket}/creator-node: roles/storage.objectCreator`,
          `media/${bucket}/reader-node: roles/storage.objectViewer`,
          `media/${bucket}/writer-api: roles/storage.objectUser`,
          `media/${bucket}/writer-hls-publisher: roles/storage.objectUser`,
          `media/${bucket}/writer-reconciler: roles/storage.objectUser`,
        ]),
        'media/open/reader-load-balancer: roles/storage.legacyObjectReader',
        ...['api', 'hls-publisher', 'reconciler'].map(
          (reader) => `media/open/reader-${reader}: roles/storage.objectViewer`,
        ),
        ...['origins/edge', 'origins/group', 'turn'].flatMap((vms) => [
          `${vms}/telemetry/logs: roles/logging.logWriter`,
          `${vms}/telemetry/metrics: roles/monitoring.metricWriter`,
        ]),
        'nights/keeper: projects/srs-live-dev/roles/srs_live_dev_night_keeper',
        ...['api', 'reconciler'].map(
          (user) => `cdn/cleaner-${user}: projects/srs-live-dev/roles/srs_live_dev_cdn_cleaner`,
        ),
        'nodes/keeper-reconciler: projects/srs-live-dev/roles/srs_live_dev_node_keeper',
        'signing-keys/reader-api: roles/secretmanager.secretAccessor',
        'token-keys/reader-api: roles/secretmanager.secretAccessor',
        'token-keys/reader-srs-hooks: roles/secretmanager.secretAccessor',
        'turn-secret/reader-api: roles/secretmanager.secretAccessor',
        'turn-secret/reader-turn: roles/secretmanager.secretAccessor',
        'observability/reports/writer: roles/bigquery.dataEditor',
        'registry/user-api: roles/datastore.user',
        'registry/user-budget-guard: roles/datastore.user',
        'registry/user-event-relay: roles/datastore.user',
        'registry/user-reconciler: roles/datastore.user',
        'registry/user-srs-hooks: roles/datastore.user',
      ].sort(),
    );
  });

  it('in the projects before any environment is this', () => {
    expect(grants(synthBootstrap())).toEqual(
      ['dev', 'staging', 'prod']
        .flatMap((name) => [
          `${name}/images/hub-reader: roles/artifactregistry.reader`,
          `${name}/images/logs: roles/logging.logWriter`,
          `${name}/images/scanner: roles/ondemandscanning.admin`,
          `${name}/images/pusher: roles/artifactregistry.writer`,
          `${name}/images/sources/reader-images: roles/storage.objectViewer`,
          `${name}/function-build/logs: roles/logging.logWriter`,
          `${name}/function-build/pusher: roles/artifactregistry.writer`,
          `${name}/function-build/sources/reader-builder: roles/storage.objectViewer`,
          `${name}/function-build/staged-sources: roles/storage.objectViewer`,
          `${name}/storage-events/publisher: roles/pubsub.publisher`,
          `${name}/storage-events/receiver: roles/eventarc.eventReceiver`,
          `srs-live-${name}-agents/eventarc-role: roles/eventarc.serviceAgent`,
          `srs-live-${name}-agents/pubsub-role: roles/pubsub.serviceAgent`,
        ])
        .sort(),
    );
  });

  it('is the same in every environment, but for the chat of dev and its nodes that sleep at night', () => {
    const awake = grants(synthesised.dev).filter((grant) => !grant.startsWith('nights/') && !OF_CHAT.includes(grant));
    expect(grants(synthesised.staging)).toEqual(awake);
    expect(grants(synthesised.prod)).toEqual(awake);
  });
});
