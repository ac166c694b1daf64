import type { Kind, Plan, PlannedChange } from './plan';

/** The people who notice a change, and its effect on them. */
interface Notice {
  readonly type: RegExp;
  readonly kinds: readonly Kind[];
  readonly who: 'viewers' | 'publishers' | 'customers' | 'nobody';
  readonly says: string;
}

const GONE: readonly Kind[] = ['replace', 'destroy'];

/** The effects of changes: the first row that matches is shown. A change that matches no row is not noticed. */
const NOTICES: readonly Notice[] = [
  {
    type: /^google_(storage_bucket|firestore_database)$/,
    kinds: GONE,
    who: 'viewers',
    says: 'what is stored in it is gone',
  },
  {
    type: /^google_compute_global_address$/,
    kinds: GONE,
    who: 'viewers',
    says: 'its name leads nowhere until DNS has followed',
  },
  {
    type: /^google_compute_(global_forwarding_rule|target_https?_proxy|url_map|backend_bucket|backend_service)$/,
    kinds: GONE,
    who: 'viewers',
    says: 'requests fail for some minutes',
  },
  {
    type: /^google_certificate_manager_/,
    kinds: GONE,
    who: 'viewers',
    says: 'a new certificate is requested, which takes up to an hour',
  },
  {
    type: /^google_compute_address$/,
    kinds: GONE,
    who: 'publishers',
    says: 'encoders connect again once DNS has followed',
  },
  {
    type: /^google_compute_(forwarding_rule|target_ssl_proxy|region_backend_service|region_instance_group_manager|network|subnetwork)$/,
    kinds: GONE,
    who: 'publishers',
    says: 'every broadcast breaks off',
  },
  { type: /^google_compute_firewall$/, kinds: GONE, who: 'publishers', says: 'connections may be refused for seconds' },
  {
    type: /^google_compute_instance_from_template$/,
    kinds: [...GONE, 'change'],
    who: 'viewers',
    says: 'WebRTC that is relayed through it breaks off and starts again',
  },
  {
    type: /^google_dns_record_set$/,
    kinds: [...GONE, 'change'],
    who: 'viewers',
    says: 'names lead elsewhere within their TTL',
  },
  {
    type: /^google_cloudfunctions2_function$/,
    kinds: GONE,
    who: 'customers',
    says: 'requests to it fail while it is replaced',
  },
  { type: /^google_secret_manager_secret$/, kinds: GONE, who: 'customers', says: 'its values are gone for good' },
  {
    type: /^google_pubsub_(topic|subscription)$/,
    kinds: GONE,
    who: 'customers',
    says: 'messages that wait in it are gone',
  },
  {
    type: /^google_cloudfunctions2_function$/,
    kinds: ['change'],
    who: 'nobody',
    says: 'a new revision takes over when it is ready',
  },
  {
    type: /^google_compute_instance_template$/,
    kinds: ['make', 'replace'],
    who: 'nobody',
    says: 'nodes take it one by one, after their publishers have left',
  },
];

const WORDS: Readonly<Record<Kind, string>> = {
  make: 'made',
  change: 'changed',
  replace: 'replaced',
  destroy: 'destroyed',
};
const ORDER: readonly Kind[] = ['make', 'change', 'replace', 'destroy'];

const noticeOf = ({ type, kind }: PlannedChange): Notice | undefined =>
  NOTICES.find((notice) => notice.type.test(type) && notice.kinds.includes(kind));

function counted({ changes }: Plan): string {
  const parts = ORDER.flatMap((kind) => {
    const count = changes.filter((change) => change.kind === kind).length;
    return count === 0 ? [] : [`${count} ${WORDS[kind]}`];
  });
  return parts.length === 0 ? 'nothing is changed' : `${parts.join(', ')}`;
}

const kindWord = (type: string): string => type.replace(/^google_/, '').replaceAll('_', ' ');

function made(changes: readonly PlannedChange[]): string[] {
  const types = new Map<string, number>();
  for (const { kind, type } of changes) if (kind === 'make') types.set(type, (types.get(type) ?? 0) + 1);
  const names = [...types].sort(([a], [b]) => a.localeCompare(b)).map(([type, count]) => `${count} ${kindWord(type)}`);
  return names.length === 0 ? [] : [`made: ${names.join(', ')}`];
}

function line(change: PlannedChange): string {
  const fields = change.fields.length === 0 ? '' : ` (${change.fields.join(', ')})`;
  const notice = noticeOf(change);
  return `${WORDS[change.kind]}: ${change.address}${fields}${notice === undefined ? '' : `: ${notice.says}`}`;
}

function verdict({ changes }: Plan): string {
  const who = new Set(changes.flatMap((change) => noticeOf(change)?.who ?? 'nobody'));
  const noticed = (['viewers', 'publishers', 'customers'] as const).filter((one) => who.has(one));
  return noticed.length === 0 ? 'viewers and publishers notice nothing' : `noticed by ${noticed.join(' and ')}`;
}

/** Describes a plan in words: its size, each resource that is made, changed or removed, and the people who notice. */
export function summary(plan: Plan | undefined): readonly string[] {
  if (plan === undefined || plan.changes.length === 0) return ['nothing is changed'];
  const others = plan.changes
    .filter(({ kind }) => kind !== 'make')
    .toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  return [counted(plan), ...made(plan.changes), ...others.map(line), verdict(plan)];
}

/** Returns whether a plan would do harm: it is then applied only after a question. */
export const isHarmful = ({ changes }: Plan): boolean =>
  changes.some((change) => GONE.includes(change.kind) && !['nobody', undefined].includes(noticeOf(change)?.who));
