import { z } from 'zod';

const Action = z.enum(['no-op', 'create', 'read', 'update', 'delete', 'forget']);
const ResourceChange = z.object({
  address: z.string(),
  type: z.string(),
  mode: z.enum(['managed', 'data']).default('managed'),
  change: z.object({
    actions: z.array(Action),
    before: z.unknown(),
    after: z.unknown(),
    replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).default([]),
  }),
});
/** `terraform show -json` of a plan. https://developer.hashicorp.com/terraform/internals/json-format */
const PlanJson = z.object({
  resource_changes: z.array(ResourceChange).default([]),
  resource_drift: z.array(ResourceChange).default([]),
});

export type Kind = 'make' | 'change' | 'replace' | 'destroy';

export interface PlannedChange {
  readonly address: string;
  readonly type: string;
  readonly kind: Kind;
  /** The fields that change; for a replacement those that force it. */
  readonly fields: readonly string[];
}

export interface Plan {
  readonly changes: readonly PlannedChange[];
  /** The resources that were changed since Terraform applied them. */
  readonly drift: readonly PlannedChange[];
}

/** Parses a plan from Terraform's JSON. */
export function parsePlan(json: unknown): Plan {
  const { resource_changes: changes, resource_drift: drift } = PlanJson.parse(json);
  return { changes: changes.flatMap(planned), drift: drift.flatMap(planned) };
}

function planned({ address, type, mode, change }: z.output<typeof ResourceChange>): PlannedChange[] {
  const kind = mode === 'data' ? undefined : kindOf(change.actions);
  if (kind === undefined) return [];
  const forced = [...new Set(change.replace_paths.map(([first]) => String(first)))];
  return [
    { address, type, kind, fields: kind === 'replace' ? forced : changedFields(kind, change.before, change.after) },
  ];
}

function kindOf(actions: readonly z.output<typeof Action>[]): Kind | undefined {
  if (actions.includes('create') && actions.includes('delete')) return 'replace';
  if (actions.includes('create')) return 'make';
  if (actions.includes('update')) return 'change';
  return actions.includes('delete') ? 'destroy' : undefined;
}

const Fields = z.record(z.string(), z.unknown());

function changedFields(kind: Kind, before: unknown, after: unknown): string[] {
  const old = Fields.safeParse(before);
  const now = Fields.safeParse(after);
  if (kind !== 'change' || !old.success || !now.success) return [];
  const names = [...new Set([...Object.keys(old.data), ...Object.keys(now.data)])].sort();
  return names.filter((name) => JSON.stringify(old.data[name]) !== JSON.stringify(now.data[name]));
}

/**
 * Returns the changes that were made by hand against the configuration. Terraform reports further differences since the
 * last deploy, such as etags and other spellings of a service; a deploy would not change them.
 */
export const byHand = ({ changes, drift }: Plan): readonly PlannedChange[] =>
  drift.flatMap((one) => {
    const mended = changes.find(({ address }) => address === one.address);
    if (mended === undefined) return [];
    const fields = one.fields.filter((field) => mended.fields.includes(field));
    return one.kind === 'change' && mended.kind === 'change' ? [{ ...one, fields }] : [one];
  });
