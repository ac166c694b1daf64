import { Construct } from 'constructs';
import { budgetGuard, eventRelay } from '../../functions/contract/env/event-functions';
import type { StandardFunction } from '../../functions/contract/env/functions';
import type { EnvironmentConfig } from '../config/schema';
import { CloudFunction } from '../constructs/functions/cloud-function';
import type { FunctionBuild } from '../constructs/functions/function-build';
import type { StreamRegistry } from '../constructs/media/stream-registry';
import type { Deployment } from '../names';
import type { LiveEvents, Receivers } from './events';

export interface LiveReceiversProps extends Deployment {
  readonly config: EnvironmentConfig;
  readonly archive: (name: string) => string;
  readonly build: FunctionBuild;
  readonly registry: StreamRegistry;
  readonly events: LiveEvents;
}

/** As long as a push waits for its answer. */
const PUSH_SECONDS = 60;

/** The functions that receive events: one delivers them to customers, one watches the spending. */
export class LiveReceivers extends Construct implements Receivers {
  readonly relay: CloudFunction<typeof eventRelay>;
  readonly guard: CloudFunction<typeof budgetGuard>;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: LiveReceiversProps,
  ) {
    super(scope, id);
    const { registry, events, config, projectId } = props;
    const { topics } = events;
    const shared = { FIRESTORE_DATABASE: registry.databaseName, PROJECT_ID: projectId };
    this.relay = new CloudFunction(this, 'event-relay', {
      ...this.shared(eventRelay),
      env: { ...shared, DELIVERIES_TOPIC: topics.deliveries.topicName, DEAD_TOPIC: topics.dead.topicName },
      secrets: {},
    });
    this.guard = new CloudFunction(this, 'budget-guard', {
      ...this.shared(budgetGuard),
      env: {
        ...shared,
        EVENTS_TOPIC: topics.events.topicName,
        BUDGET_NAME: events.budgetName,
        BUDGET_RULES: JSON.stringify(config.budget.stages),
      },
      secrets: {},
    });
    events.deliver(this);
  }

  private shared<C extends { readonly name: StandardFunction }>(contract: C) {
    const { names, projectId, region, build, archive, config } = this.props;
    return {
      names,
      projectId,
      region,
      contract,
      build,
      archive: archive(contract.name),
      size: config.functions[contract.name],
      ingress: 'ALLOW_INTERNAL_ONLY' as const,
      timeoutSeconds: PUSH_SECONDS,
    };
  }
}
