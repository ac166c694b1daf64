import { z } from 'zod';
import { StartError } from '../../emulators/server/start-error';
import { eachText, Resolver, referencesIn } from './expression';
import { knownAfterApply, type LocalAddresses } from './known-after-apply';
import { checkTypes, INTERPRETED } from './resource-types';
import { addressOf, type Declared, readTerraformJson } from './terraform-json';

/** A nested block: Terraform's JSON takes an object for a list of one. */
export const blocks = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), z.array(schema).default([]));

/** A nested block that must occur exactly once. */
export const block = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (Array.isArray(value) && value.length === 1 ? value[0] : value), schema);

/** A resource: its address, and its parsed attributes. */
export interface ResourceRead<T> {
  readonly address: string;
  readonly value: T;
}

/** The declared resources, checked once, then read type by type with every reference resolved. */
export class SynthesisedResources {
  readonly projectId: string;
  private readonly declared: ReadonlyMap<string, Declared>;
  private readonly resolver: Resolver;

  constructor(json: unknown, local: LocalAddresses) {
    const document = readTerraformJson(json);
    this.declared = document.declared;
    this.projectId = document.projectId;
    checkTypes(this.declared.values());
    this.checkExpressions();
    this.resolver = new Resolver(this.declared, knownAfterApply(this.projectId, local));
  }

  /**
   * Returns all resources of `types`; attributes that `schema` does not name are not read, so they may be known only
   * after apply.
   */
  all<T extends z.ZodType>(types: string | readonly string[], schema: T): ResourceRead<z.output<T>>[] {
    const wanted = typeof types === 'string' ? [types] : types;
    return [...this.declared.values()]
      .filter(({ kind, type }) => kind === 'resource' && wanted.includes(type))
      .map((resource) => ({ address: addressOf(resource), value: this.read(resource, schema) }));
  }

  /** Returns the only resource of a type. */
  one<T extends z.ZodType>(type: string, schema: T): ResourceRead<z.output<T>> {
    const [first, ...rest] = this.all(type, schema);
    if (first === undefined || rest.length > 0)
      throw new StartError(
        `${type}: there are ${rest.length + (first === undefined ? 0 : 1)}, the local stack takes exactly one`,
      );
    return first;
  }

  /** Parses twice: first to see which attributes are wanted, then again with their values. */
  private read<T extends z.ZodType>(resource: Declared, schema: T): z.output<T> {
    const address = addressOf(resource);
    const wanted = parse(schema, resource.attributes, address);
    return parse(schema, this.resolver.resolve(wanted, address), address);
  }

  /** Checks the attributes that are not read too, so that reading one more never fails on an old text. */
  private checkExpressions(): void {
    for (const resource of this.declared.values()) {
      if (!INTERPRETED.has(resource.type)) continue;
      eachText(resource.attributes, '', (text, path) => {
        for (const { address } of referencesIn(text, `${addressOf(resource)}.${path}`))
          if (!this.declared.has(address))
            throw new StartError(`${addressOf(resource)}.${path}: '${address}' names nothing that is declared`);
      });
    }
  }
}

function parse<T extends z.ZodType>(schema: T, value: unknown, address: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StartError(`${address}.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`);
}
