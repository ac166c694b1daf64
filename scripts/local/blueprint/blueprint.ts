import type { CorsRule } from '../../emulators/gcs/bucket';
/** The synthesised Terraform JSON of one environment, in the words of the local stack. */
export interface Blueprint {
  readonly environment: string;
  readonly projectId: string;
  readonly buckets: readonly BucketBlueprint[];
  readonly functions: readonly FunctionBlueprint[];
  readonly schedules: readonly ScheduleBlueprint[];
  readonly edge: EdgeBlueprint;
  readonly database: DatabaseBlueprint;
  /** The JSON values of the instance template's `agent-env` and `gate-env`, and the VM's account. */
  readonly node: {
    readonly agentEnv: Readonly<Record<string, unknown>>;
    readonly gateEnv: Readonly<Record<string, unknown>>;
    readonly serviceAccount: string;
  };
  readonly topics: readonly TopicBlueprint[];
}

export interface BucketBlueprint {
  readonly name: string;
  readonly cors: readonly CorsRule[];
  /** Days after an object's custom time until a lifecycle rule deletes it; absent without such a rule. */
  readonly deleteDaysAfterCustomTime?: number;
  /** Object that answers for a folder, as for `/`. */
  readonly indexPage?: string;
  /** True: the load balancer's own account may read it, so it is served without a signature. */
  readonly loadBalancerReads: boolean;
  /** Members (`serviceAccount:…`, `allUsers`) by role. */
  readonly grants: readonly { readonly role: string; readonly member: string }[];
}

export interface FunctionBlueprint {
  readonly name: string;
  readonly entryPoint: string;
  /** Service account's e-mail. */
  readonly serviceAccount: string;
  readonly env: Readonly<Record<string, string>>;
  /** Name of the variable → id of the secret. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly ingress: string;
  readonly timeoutSeconds: number;
  /** Members who may call the function: `allUsers`, or `serviceAccount:<e-mail>`. */
  readonly invokers: readonly string[];
  readonly trigger?: StorageTrigger;
}

export interface StorageTrigger {
  readonly eventType: string;
  readonly bucket: string;
  readonly serviceAccount: string;
  /** True: failed deliveries are repeated. */
  readonly retry: boolean;
}

export interface ScheduleBlueprint {
  readonly name: string;
  /** Cron, five fields. */
  readonly schedule: string;
  readonly uri: string;
  readonly method: string;
  readonly serviceAccount: string;
  readonly audience: string;
}

export interface EdgeBlueprint {
  readonly backendBuckets: readonly BackendBucketBlueprint[];
  /** The routes, in their order; a path without a route goes to `fallback`. */
  readonly routes: readonly HostRoute[];
  readonly fallback: RouteTarget;
  /** Headers of every answer, by name. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
}

export type HostRoute = (
  | { readonly pathPrefix: string }
  | { readonly path: string }
  /** The prefix, and one segment behind it. */
  | { readonly folder: string }
  /** One segment between the two. */
  | { readonly before: string; readonly after: string }
) & {
  readonly target: RouteTarget;
  /** Headers of its answers, by name. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly errorPage?: ErrorPage;
};

/** Object of the same bucket that is sent with `status` in place of an answer with one of the statuses `replaces`. */
export interface ErrorPage {
  readonly replaces: readonly number[];
  readonly path: string;
  readonly status: number;
}

export type RouteTarget =
  | { readonly kind: 'bucket'; readonly backend: string }
  | { readonly kind: 'function'; readonly function: string }
  | NodesTarget;

/** The agents of all nodes, at the port that their groups name. */
export interface NodesTarget {
  readonly kind: 'nodes';
  readonly timeoutSeconds: number;
  /** Absent: no answer is kept. */
  readonly cache?: NodesCache;
}

/**
 * Cloud CDN in front of nodes. `queryKeys`: the parameters that are part of the cache key; all others are left out of
 * it.
 */
export interface NodesCache extends Omit<CachePolicy, 'signedMaxAgeSeconds'> {
  readonly queryKeys: readonly string[];
}

export interface BackendBucketBlueprint extends CachePolicy {
  readonly bucket: string;
  /** Header lines; `{cdn_cache_status}` is replaced in each answer. */
  readonly responseHeaders: readonly string[];
  /** True if text is compressed for clients that take it. */
  readonly compresses?: true;
}

/** Settings of Cloud CDN for one backend. */
export interface CachePolicy {
  readonly name: string;
  readonly cacheMode: string;
  readonly negativeCaching: boolean;
  readonly requestCoalescing: boolean;
  readonly serveWhileStaleSeconds: number;
  /** The time for which an answer to a signed request is kept, regardless of the object's headers. */
  readonly signedMaxAgeSeconds: number;
}

export interface DatabaseBlueprint {
  readonly name: string;
  readonly indexes: readonly {
    readonly collection: string;
    readonly queryScope: 'COLLECTION' | 'COLLECTION_GROUP';
    readonly fields: readonly { readonly fieldPath: string; readonly order: 'ASCENDING' | 'DESCENDING' }[];
  }[];
  readonly ttlFields: readonly { readonly collectionGroup: string; readonly field: string }[];
}

export interface TopicBlueprint {
  readonly name: string;
  readonly subscriptions: readonly SubscriptionBlueprint[];
}

export interface SubscriptionBlueprint {
  readonly name: string;
  /** True: messages with the same key come one after the other. */
  readonly ordered: boolean;
  readonly ackDeadlineSeconds?: number;
  readonly retentionSeconds?: number;
  readonly filter?: string;
  readonly backoff?: { readonly minimumSeconds: number; readonly maximumSeconds: number };
  readonly deadLetter?: { readonly topic: string; readonly attempts: number };
  /** Absent if the subscriber pulls its messages. */
  readonly push?: { readonly endpoint: string; readonly serviceAccount: string; readonly audience: string };
}
