import { z } from 'zod';
import { PRODUCT } from '../../../infra/names';

const Blocks = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown())));
const Json = z.looseObject({ resource: Blocks, data: Blocks.default({}) });
const Metadata = z.object({ '//': z.object({ metadata: z.object({ path: z.string() }) }) });

/** A synthesised resource. `path`: its place in the stack, without the stack's own name. */
export interface Resource {
  readonly type: string;
  /** `google_x.y` */
  readonly address: string;
  readonly path: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const REFERENCE = /\$\{(?:data\.)?(google_\w+\.[\w-]+)\.[\w.[\]]+\}/g;

/** Returns the value at `path` (`version.0.name`), or `undefined`. */
export const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((inner, key) => (inner instanceof Object ? Reflect.get(inner, key) : undefined), value);

/**
 * One stack for the tables of a reader: names in the place of references, and of everything that only differs by
 * environment.
 */
export class DocumentedStack {
  readonly resources: readonly Resource[];
  private readonly byAddress: ReadonlyMap<string, Resource>;

  /** `json`: the synthesised Terraform JSON. `projectId`: of the environment; absent for a stack that serves all. */
  constructor(
    readonly name: string,
    json: unknown,
    readonly projectId?: string,
  ) {
    this.resources = Object.entries(Json.parse(json).resource).flatMap(([type, blocks]) =>
      Object.entries(blocks).flatMap(([block, attributes]) => {
        const metadata = Metadata.safeParse(attributes);
        if (!metadata.success) return [];
        const path = metadata.data['//'].metadata.path.split('/').slice(1).join('/');
        return [{ type, address: `${type}.${block}`, path, attributes }];
      }),
    );
    this.byAddress = new Map(this.resources.map((resource) => [resource.address, resource]));
  }

  of(type: RegExp): readonly Resource[] {
    return this.resources.filter((resource) => type.test(resource.type));
  }

  /** Returns the resources to which a value refers, at any depth. */
  targets(value: unknown): readonly Resource[] {
    const text = JSON.stringify(value) ?? '';
    return [...text.matchAll(REFERENCE)].flatMap(([, address = '']) => this.byAddress.get(address) ?? []);
  }

  /** Returns the name by which Google knows a resource. */
  nameOf({ attributes, path }: Resource): string {
    const own = ['account_id', 'secret_id', 'dataset_id', 'repository_id', 'name', 'display_name', 'name_prefix'];
    const found = own.map((key) => attributes[key]).find((value): value is string => typeof value === 'string');
    return this.plain(found ?? path);
  }

  /** Returns `text` with names for references, and `<env>` and `<project>` for the parts that only they decide. */
  plain(text: string): string {
    const named = text.replace(REFERENCE, (_, address: string) => {
      const target = this.byAddress.get(address);
      return target === undefined ? '<project number>' : this.nameOf(target);
    });
    if (this.projectId === undefined) return named;
    return named
      .replaceAll(
        new RegExp(`(?<![\\w-])${this.projectId}(?![\\w-])|(?<=-)${this.projectId}(?![\\w-])`, 'g'),
        '<project>',
      )
      .replaceAll(`${PRODUCT}-${this.name}`, `${PRODUCT}-<env>`)
      .replaceAll(`${PRODUCT}-${this.name}`.replaceAll('-', '_'), `${PRODUCT.replaceAll('-', '_')}_<env>`);
  }
}

/** Writes a Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return `${[line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')}\n`;
}

/** Joins rows of several stacks into one list, each row once; `where` names the stacks of a row that is not in all. */
export function merged<T>(
  stacks: readonly DocumentedStack[],
  rowsOf: (stack: DocumentedStack) => readonly T[],
): { readonly row: T; readonly where: string }[] {
  const found = new Map<string, { row: T; names: string[] }>();
  for (const stack of stacks)
    for (const row of rowsOf(stack)) {
      const key = JSON.stringify(row);
      const known = found.get(key) ?? { row, names: [] };
      known.names.push(stack.name);
      found.set(key, known);
    }
  return [...found.values()].map(({ row, names }) => ({
    row,
    where: names.length === stacks.length ? 'all' : names.join(', '),
  }));
}
