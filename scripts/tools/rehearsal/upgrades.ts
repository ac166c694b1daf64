import { type Fields, fieldsOf, isFields } from './google/json';

/** A change of one thing, as an upgrade makes it, and what Terraform may replace for it. */
export interface Upgrade {
  readonly name: string;
  /** Returns the stack with the change in it. */
  readonly change: (stack: Fields) => Fields;
  /** Types that are replaced, and types that are changed in place: no others are. */
  readonly replaced: readonly string[];
  readonly changed: readonly string[];
}

/** Returns the stack with every resource of a type changed. */
function resources(stack: Fields, type: string, change: (resource: Fields) => Fields): Fields {
  const all = fieldsOf(stack.resource);
  const changed = Object.entries(fieldsOf(all[type])).map(([name, value]) => [name, change(fieldsOf(value))]);
  return { ...stack, resource: { ...all, [type]: Object.fromEntries(changed) } };
}

/** Returns a value with every text in it changed. */
function texts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => texts(item, change));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, texts(inner, change)]));
}

const TEMPLATES = 'google_compute_instance_template';
const GROUPS = 'google_compute_region_instance_group_manager';
const TURN = 'google_compute_instance_from_template';

/** A function's archive, a machine type, an image and a field of the configuration. */
export const UPGRADES: readonly Upgrade[] = [
  {
    name: 'a function',
    change: (stack) =>
      resources(stack, 'google_storage_bucket_object', (object) => ({
        ...object,
        name: String(object.name).replace(/\.zip$/, '-next.zip'),
      })),
    replaced: ['google_storage_bucket_object'],
    changed: ['google_cloudfunctions2_function'],
  },
  {
    name: 'a machine type',
    change: (stack) => resources(stack, TEMPLATES, (template) => ({ ...template, machine_type: 'n2d-highmem-2' })),
    replaced: [TEMPLATES],
    changed: [GROUPS],
  },
  {
    name: 'an image',
    change: (stack) =>
      resources(stack, TEMPLATES, (template) => ({
        ...template,
        metadata: texts(template.metadata, (text) =>
          text.replace(/(\/(?:node|turn))(?::[\w.-]+|@sha256:[0-9a-f]{64})/g, '$1:next'),
        ),
      })),
    replaced: [TEMPLATES],
    changed: [GROUPS],
  },
  {
    name: 'a field of the configuration',
    change: (stack) =>
      resources(stack, 'google_logging_project_bucket_config', (bucket) => ({ ...bucket, retention_days: 45 })),
    replaced: [],
    changed: ['google_logging_project_bucket_config'],
  },
];

/**
 * Types that no upgrade replaces: a TURN server takes a new template when it is replaced by name, so that no upgrade
 * ends relays.
 */
export const NEVER_REPLACED: readonly string[] = [TURN];
