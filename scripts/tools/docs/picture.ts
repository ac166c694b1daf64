import { at, type DocumentedStack, type Resource } from './stack';

interface PictureThing {
  readonly id: string;
  readonly lines: readonly string[];
  readonly shape: 'door' | 'machine' | 'function' | 'store' | 'queue';
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly says: string;
}

/**
 * The resources of the picture: the shape of each, and the text under its name. All other resources are plumbing or
 * rights.
 */
const THINGS: Readonly<
  Record<
    string,
    { readonly shape: PictureThing['shape']; readonly under: (stack: DocumentedStack, resource: Resource) => string }
  >
> = {
  google_compute_forwarding_rule: { shape: 'door', under: (_, { attributes }) => `TCP ${String(attributes.ports)}` },
  google_compute_global_forwarding_rule: {
    shape: 'door',
    under: (_, { attributes }) => `TCP ${String(attributes.port_range)}`,
  },
  google_compute_region_instance_group_manager: { shape: 'machine', under: groupSize },
  google_compute_instance_from_template: { shape: 'machine', under: (stack, one) => machineOf(stack, one) },
  google_cloudfunctions2_function: {
    shape: 'function',
    under: (_, one) => `function, up to ${String(at(one.attributes, 'service_config.max_instance_count'))}`,
  },
  google_storage_bucket: { shape: 'store', under: () => 'bucket' },
  google_firestore_database: { shape: 'store', under: () => 'Firestore' },
  google_pubsub_topic: { shape: 'queue', under: () => 'topic' },
  google_cloud_scheduler_job: {
    shape: 'queue',
    under: (_, { attributes }) => `schedule ${String(attributes.schedule)}`,
  },
  google_billing_budget: { shape: 'queue', under: () => 'Cloud Billing' },
};

/** The meaning of a right in the picture; a right that is missing here is no flow of data. */
const FLOWS: Readonly<Record<string, string>> = {
  'roles/storage.objectUser': 'writes',
  'roles/storage.objectCreator': 'writes',
  'roles/storage.objectViewer': 'reads',
  'roles/pubsub.publisher': 'tells',
  'roles/run.invoker': 'asks',
  'roles/datastore.user': 'keeps',
};
/** The order of verbs, the strongest first. A reader's arrow is drawn against the data. */
const WEIGHT = ['writes', 'keeps', 'tells', 'asks', 'reads'];

function machineOf(stack: DocumentedStack, one: Resource): string {
  const template = stack.targets([one.attributes.version, one.attributes.source_instance_template])[0];
  return String(template?.attributes.machine_type ?? '');
}

function groupSize(stack: DocumentedStack, group: Resource): string {
  const scaler = stack.of(/autoscaler$/).find(({ attributes }) => stack.targets(attributes.target).includes(group));
  const [least, most] = ['min_replicas', 'max_replicas'].map((key) =>
    at(scaler?.attributes, `autoscaling_policy.${key}`),
  );
  return `${String(least)} to ${String(most)} VMs<br>${machineOf(stack, group)}`;
}

const isDrawn = (resource: Resource): boolean =>
  resource.type in THINGS && resource.attributes.target_size !== 0 && !resource.path.startsWith('function-build/');

/** Returns the things to which a value leads, through any plumbing between them. */
function reached(stack: DocumentedStack, value: unknown, seen = new Set<string>()): Resource[] {
  return stack.targets(value).flatMap((target) => {
    if (seen.has(target.address)) return [];
    seen.add(target.address);
    return isDrawn(target) ? [target] : reached(stack, target.attributes, seen);
  });
}

/** Returns the things that run as a service account. */
function runAs(stack: DocumentedStack, member: string): Resource[] {
  const [account] = stack.targets(member);
  if (account === undefined) return [];
  const uses = (one: Resource): boolean =>
    stack
      .targets([one.attributes.service_account, at(one.attributes, 'service_config.service_account_email')])
      .includes(account);
  const templates = stack.of(/^google_compute_instance_template$/).filter(uses);
  return stack.resources.filter(
    (one) =>
      isDrawn(one) &&
      (uses(one) ||
        stack
          .targets([one.attributes.version, one.attributes.source_instance_template])
          .some((template) => templates.includes(template))),
  );
}

const pairs = (from: readonly Resource[], to: readonly Resource[], says: string): Arrow[] =>
  from.flatMap((one) => to.map((other) => ({ from: one.address, to: other.address, says })));

function arrowsOf(stack: DocumentedStack): Arrow[] {
  const from = (type: RegExp, value: (one: Resource) => unknown, says: string): Arrow[] =>
    stack.of(type).flatMap((one) => pairs([one], reached(stack, value(one)), says));
  return [
    ...from(/forwarding_rule$/, ({ attributes }) => [attributes.target, attributes.backend_service], ''),
    ...from(/scheduler_job$/, ({ attributes }) => at(attributes, 'http_target.uri'), 'starts'),
    ...from(/billing_budget$/, ({ attributes }) => attributes.all_updates_rule, 'tells'),
    ...stack
      .of(/^google_pubsub_subscription$/)
      .flatMap(({ attributes }) =>
        pairs(reached(stack, attributes.topic), reached(stack, at(attributes, 'push_config.push_endpoint')), 'pushes'),
      ),
    ...stack
      .of(/^google_cloudfunctions2_function$/)
      .flatMap((one) => pairs(reached(stack, at(one.attributes, 'event_trigger')), [one], 'wakes')),
    ...stack.of(/_iam_member$/).flatMap(({ attributes: { member, role, ...on } }) => {
      const says = FLOWS[String(role)];
      const database = role === 'roles/datastore.user' ? stack.of(/^google_firestore_database$/) : reached(stack, on);
      return says === undefined ? [] : pairs(runAs(stack, String(member)), database, says);
    }),
  ];
}

/** Keeps one arrow between two things: the strongest of them. */
function strongest(arrows: readonly Arrow[]): Arrow[] {
  const found = new Map<string, Arrow>();
  for (const arrow of arrows) {
    const key = `${arrow.from} ${arrow.to}`;
    const known = found.get(key);
    if (known === undefined || WEIGHT.indexOf(arrow.says) < WEIGHT.indexOf(known.says)) found.set(key, arrow);
  }
  return [...found.values()];
}

/** Joins things that have the same neighbours into one box. */
function alike(things: readonly PictureThing[], arrows: readonly Arrow[]): Map<string, PictureThing[]> {
  const groups = new Map<string, PictureThing[]>();
  for (const thing of things) {
    const own = arrows
      .filter(({ from, to }) => from === thing.id || to === thing.id)
      .map(({ from, to, says }) => `${from === thing.id ? '' : from}>${to === thing.id ? '' : to}:${says}`);
    const key = JSON.stringify([thing.shape, thing.lines.at(-1), own.sort()]);
    groups.set(key, [...(groups.get(key) ?? []), thing]);
  }
  return groups;
}

const BRACKETS: Readonly<Record<PictureThing['shape'], readonly [string, string]>> = {
  door: ['{{', '}}'],
  machine: ['[', ']'],
  function: ['(', ')'],
  store: ['[(', ')]'],
  queue: ['>', ']'],
};

/**
 * Draws the way of data through an environment, as Mermaid. It is read from references and rights, so it is always
 * current.
 */
export function picture(stack: DocumentedStack): string {
  const things: PictureThing[] = stack.resources.filter(isDrawn).flatMap((one) => {
    const kind = THINGS[one.type];
    const name = stack
      .nameOf(one)
      .replace(/^srs-live-<env>-/, '')
      .replace(/-<project>$/, '');
    return kind === undefined ? [] : [{ id: one.address, lines: [name, kind.under(stack, one)], shape: kind.shape }];
  });
  const arrows = strongest(arrowsOf(stack)).filter((arrow) => arrow.from !== arrow.to);
  const met = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const boxes = [
    ...alike(
      things.filter(({ id, shape }) => met.has(id) || shape === 'machine'),
      arrows,
    ).values(),
  ];
  const ids = new Map(boxes.flatMap((box, index) => box.map(({ id }) => [id, `n${index}`] as const)));
  const drawn = boxes.flatMap((box) => {
    const [first] = box;
    if (first === undefined) return [];
    const [open, close] = BRACKETS[first.shape];
    const names = box.map(({ lines }) => lines[0]).join(', ');
    return `  ${ids.get(first.id)}${open}"<b>${names}</b><br>${first.lines[1]}"${close}`;
  });
  const lines = arrows.flatMap(({ from, to, says }) => {
    const start = ids.get(from);
    const end = ids.get(to);
    if (start === undefined || end === undefined) return [];
    const read = says === 'reads';
    const label = says === '' ? '' : `|${read ? 'is read by' : says}|`;
    return read ? `  ${end} -.->${label} ${start}` : `  ${start} -->${label} ${end}`;
  });
  return `\`\`\`mermaid\nflowchart LR\n${[...drawn, ...new Set(lines)].join('\n')}\n\`\`\`\n`;
}
