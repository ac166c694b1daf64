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

/** The times until a change that Google has confirmed has effect everywhere. Milliseconds. */
export interface Delays {
  /** From a grant to its effect. https://cloud.google.com/iam/docs/access-change-propagation */
  readonly grantMs: number;
  /** From a log metric to the first alert on it: "up to 10 minutes". */
  readonly metricMs: number;
  /** From Eventarc's own account to the first trigger that works. */
  readonly eventarcMs: number;
}

const NO_DELAYS: Delays = { grantMs: 0, metricMs: 0, eventarcMs: 0 };

export interface WorldOptions {
  readonly delays?: Partial<Delays>;
  /** Projects that exist, with billing enabled. */
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
  /** @default the system's clock */
  readonly clock?: { now(): number };
}

/** Everything that Google stores about an organisation: resources, grants, services, accounts, and the time of each. */
export class World {
  readonly policies = new Policies(() => this.now());
  /** Deleted resources, the last one of each path. */
  readonly deleted = new Map<string, { readonly thing: Thing; readonly at: number }>();
  /** Google's own accounts, by address, with the time of their creation. */
  readonly agents = new Map<string, number>();
  /** Constraints from which an administrator has exempted these projects: `iam.allowedPolicyMemberDomains`. */
  readonly lifted = new Set<string>();
  /** Projects without billing. */
  readonly unbilled = new Set<string>();
  /** Permissions that the caller lacks. */
  readonly denied = new Set<string>();
  /** Name servers that the public DNS has for every zone. */
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

  /** Raises a quota of Compute Engine to at least this limit. */
  raise(metric: string, limit: number): void {
    this.#raised.set(metric, Math.max(limit, this.raised(metric) ?? 0));
  }

  /** Lowers a quota of Compute Engine below that of a young project. */
  hold(metric: string, limit: number): void {
    this.#raised.set(metric, limit);
  }

  raised(metric: string): number | undefined {
    return this.#raised.get(metric);
  }

  /** Advances the clock. */
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

  /** Removes a project: it does not exist, or is hidden from the caller. */
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

  /** Returns the number of a project, the same at every call. */
  numberOf(project: string): string {
    const digest = createHash('sha256').update(project).digest('hex').slice(0, 9);
    return `${100_000_000_000 + (Number.parseInt(digest, 16) % 9e11)}`;
  }

  projectNumbered(number: string): string | undefined {
    return this.options.projects.find((project) => this.numberOf(project) === number);
  }

  /** Creates Google's own account for a service, as its first use does. */
  wake(project: string, domain: string): string {
    const address = `service-${this.numberOf(project)}@${domain}.iam.gserviceaccount.com`;
    if (!this.agents.has(address)) this.agents.set(address, this.now());
    return address;
  }
}
