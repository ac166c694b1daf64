import { createHash } from 'node:crypto';
import { Bodies } from '../../../emulators/gcs/api/bodies';
import { Store } from '../../../emulators/gcs/store';
import type { Fields } from './json';
import { Policies } from './policies';

/** A resource, by host and path. */
export interface Thing {
  readonly host: string;
  readonly path: string;
  readonly collection: string;
  readonly project: string;
  readonly body: Fields;
  /** Milliseconds of the world's clock. */
  readonly createdAt: number;
}

/** Services that are enabled in a new project. https://cloud.google.com/service-usage/docs/enabled-service#default */
const ON_BY_DEFAULT = ['bigquery', 'logging', 'monitoring', 'serviceusage', 'storage'] as const;

/** The times until a change that Google has confirmed is seen everywhere. Milliseconds. */
export interface Delays {
  /** From a grant to its effect. https://cloud.google.com/iam/docs/access-change-propagation */
  readonly grantMs: number;
  /** From a log metric to an alert on it: "up to 10 minutes". */
  readonly metricMs: number;
  /** From Eventarc's own account to the first trigger that works. */
  readonly eventarcMs: number;
}

const NO_DELAYS: Delays = { grantMs: 0, metricMs: 0, eventarcMs: 0 };

export interface WorldOptions {
  readonly delays?: Partial<Delays>;
  /** Projects that stand, with billing on. */
  readonly projects: readonly string[];
  /** Without `billingAccounts/`. */
  readonly billingAccount?: string;
  /** The currency of the billing account. @default 'EUR' */
  readonly currency?: string;
  /** Limits of Compute Engine's quotas, by metric. @default those of a young project */
  readonly quotas?: Readonly<Record<string, number>>;
  /**
   * First rule of an effective organisation policy, by constraint without `constraints/`. @default everything is
   * allowed
   */
  readonly orgPolicies?: Readonly<Record<string, Fields>>;
  /** @default the system's */
  readonly clock?: { now(): number };
}

/** All that Google remembers of an organisation: resources, grants, services, accounts, and when each of them came. */
export class World {
  readonly policies = new Policies(() => this.now());
  /** Resources that were deleted, the last one of a path. */
  readonly deleted = new Map<string, { readonly thing: Thing; readonly at: number }>();
  /** Accounts of Google's own, by address, with the time they came to life. */
  readonly agents = new Map<string, number>();
  /** Constraints that an administrator made an exception of for these projects: `iam.allowedPolicyMemberDomains`. */
  readonly lifted = new Set<string>();
  /** Projects that nobody pays for. */
  readonly unbilled = new Set<string>();
  /** Permissions that the caller is not granted. */
  readonly denied = new Set<string>();
  /** Name servers that the world asks for every zone. */
  delegatedTo: readonly string[] = ['ns-cloud-a1.googledomains.com.'];
  /** The objects in buckets. */
  readonly objects: Store;
  readonly operations = new Map<string, Fields>();
  readonly delays: Delays;
  readonly #things = new Map<string, Thing>();
  readonly #raised = new Map<string, number>();
  readonly #services = new Map<string, Map<string, number>>();
  readonly #bodies = new Bodies({ limitBytes: 1 << 28 });
  readonly #clock: { now(): number };
  #ahead = 0;
  #serial = 0;

  constructor(readonly options: WorldOptions) {
    this.objects = new Store({ clock: this, bodies: this.#bodies, oneWritePerSecond: false });
    this.delays = { ...NO_DELAYS, ...options.delays };
    this.#clock = options.clock ?? { now: Date.now };
    for (const project of options.projects)
      this.#services.set(project, new Map(ON_BY_DEFAULT.map((service) => [service, Number.NEGATIVE_INFINITY])));
  }

  now(): number {
    return this.#clock.now() + this.#ahead;
  }

  /** Grants a higher quota of Compute Engine: it is at least so much. */
  raise(metric: string, limit: number): void {
    this.#raised.set(metric, Math.max(limit, this.raised(metric) ?? 0));
  }

  /** Holds projects to less of a quota than a young one has. */
  hold(metric: string, limit: number): void {
    this.#raised.set(metric, limit);
  }

  raised(metric: string): number | undefined {
    return this.#raised.get(metric);
  }

  /** Lets time pass without anybody waiting for it. */
  advance(ms: number): void {
    this.#ahead += ms;
  }

  async close(): Promise<void> {
    await this.#bodies.close();
  }

  serial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  find(host: string, path: string): Thing | undefined {
    return this.#things.get(`${host}/${path}`);
  }

  put(thing: Omit<Thing, 'createdAt'>): Thing {
    const old = this.find(thing.host, thing.path);
    const stored = { ...thing, createdAt: old?.createdAt ?? this.now() };
    this.#things.set(`${thing.host}/${thing.path}`, stored);
    return stored;
  }

  remove(thing: Thing): void {
    const key = `${thing.host}/${thing.path}`;
    this.#things.delete(key);
    this.deleted.set(key, { thing, at: this.now() });
    this.policies.forget(key);
  }

  things(): readonly Thing[] {
    return [...this.#things.values()];
  }

  in(host: string, collection: string, project?: string): readonly Thing[] {
    return this.things().filter(
      (thing) =>
        thing.host === host && thing.collection === collection && (project === undefined || thing.project === project),
    );
  }

  hasProject(project: string): boolean {
    return this.#services.has(project);
  }

  /** Takes a project away: nobody made it, or nobody may see it. */
  lose(project: string): void {
    this.#services.delete(project);
  }

  enable(project: string, service: string): void {
    const services = this.#services.get(project);
    if (services !== undefined && !services.has(service)) services.set(service, this.now());
  }

  disable(project: string, service: string): void {
    this.#services.get(project)?.delete(service);
  }

  isOn(project: string, service: string): boolean {
    return this.#services.get(project)?.has(service) ?? false;
  }

  servicesOf(project: string): readonly string[] {
    return [...(this.#services.get(project)?.keys() ?? [])];
  }

  /** The same for the same project, always. */
  numberOf(project: string): string {
    const digest = createHash('sha256').update(project).digest('hex').slice(0, 9);
    return `${100_000_000_000 + (Number.parseInt(digest, 16) % 9e11)}`;
  }

  projectNumbered(number: string): string | undefined {
    return this.options.projects.find((project) => this.numberOf(project) === number);
  }

  /** Brings an account of Google's to life, as first use of a service does. */
  wake(project: string, domain: string): string {
    const address = `service-${this.numberOf(project)}@${domain}.iam.gserviceaccount.com`;
    if (!this.agents.has(address)) this.agents.set(address, this.now());
    return address;
  }
}
