import { type Fields, fieldsOf, listAt, textAt } from './json';

export interface IamGrant {
  readonly role: string;
  readonly member: string;
  /** Milliseconds of the world's clock. */
  readonly since: number;
}

interface IamPolicy {
  readonly bindings: readonly unknown[];
  readonly since: ReadonlyMap<string, number>;
  readonly revision: number;
}

const keyOf = (role: string, member: string, condition: unknown): string =>
  JSON.stringify([role, member, condition ?? null]);

/** The grants on each resource, and the time from which they hold. */
export class Policies {
  readonly #policies = new Map<string, IamPolicy>();
  #revision = 0;

  constructor(private readonly now: () => number) {}

  /** Returns the policy of a resource in Google's form; empty where none was written. */
  read(resource: string): Fields {
    const { bindings, revision } = this.#policies.get(resource) ?? { bindings: [], revision: 0 };
    return { version: 3, etag: etagOf(revision), bindings };
  }

  /** Replaces a policy; false if it was written since it was read. */
  write(resource: string, policy: unknown): boolean {
    const old = this.#policies.get(resource);
    const etag = textAt(policy, 'etag');
    if (etag !== '' && etag !== etagOf(old?.revision ?? 0)) return false;
    const bindings = listAt(policy, 'bindings');
    const since = new Map<string, number>();
    for (const { role, member, condition } of bindings.flatMap(grantsOf)) {
      const key = keyOf(role, member, condition);
      since.set(key, old?.since.get(key) ?? this.now());
    }
    this.#revision += 1;
    this.#policies.set(resource, { bindings, since, revision: this.#revision });
    return true;
  }

  forget(resource: string): void {
    this.#policies.delete(resource);
  }

  /** Returns every grant on a resource, without conditions. */
  grants(resource: string): readonly IamGrant[] {
    const { bindings, since } = this.#policies.get(resource) ?? { bindings: [], since: new Map<string, number>() };
    return bindings
      .flatMap(grantsOf)
      .map(({ role, member, condition }) => ({ role, member, since: since.get(keyOf(role, member, condition)) ?? 0 }));
  }
}

const etagOf = (revision: number): string => Buffer.from(`revision-${revision}`).toString('base64');

function grantsOf(binding: unknown): { role: string; member: string; condition: unknown }[] {
  const role = textAt(binding, 'role');
  const { condition } = fieldsOf(binding);
  return listAt(binding, 'members').map((member) => ({ role, member: String(member), condition }));
}

/** Returns the members of a policy that `before` does not have in the same role. */
export function newMembers(before: unknown, after: unknown): readonly string[] {
  const had = new Set(
    listAt(before, 'bindings')
      .flatMap(grantsOf)
      .map((grant) => keyOf(grant.role, grant.member, grant.condition)),
  );
  const grants = listAt(after, 'bindings').flatMap(grantsOf);
  return grants
    .filter((grant) => !had.has(keyOf(grant.role, grant.member, grant.condition)))
    .map(({ member }) => member);
}
