import { z } from 'zod';
import { StartError } from '../../emulators/server/start-error';
import type { KnownAfterApply } from './expression';
import { addressOf, type Declared } from './terraform-json';

/** The local addresses that replace Google's. */
export interface LocalAddresses {
  readonly projectNumber: string;
  /** Returns the address of a function, which is also the audience of tokens for it. */
  functionUrl(name: string): string;
  /** `http://host:port` in front of `/api`, `/open` and the pages. */
  readonly publicOrigin: string;
  /** `rtmp://host:port/live`. */
  readonly rtmpServer: string;
}

type Local = LocalAddresses & { readonly projectId: string };
type Attributes = Readonly<Record<string, unknown>>;
type Rule = (resource: Attributes, local: Local, at: string) => string;

const Text = z.string().min(1);
const text = (resource: Attributes, attribute: string, at: string): string => {
  const parsed = Text.safeParse(resource[attribute]);
  if (!parsed.success) throw new StartError(`${at}: '${attribute}' has to be a text`);
  return parsed.data;
};

const email: Rule = (account, { projectId }, at) =>
  `${text(account, 'account_id', at)}@${projectId}.iam.gserviceaccount.com`;
const functionUrl: Rule = (func, local, at) => local.functionUrl(text(func, 'name', at));
const name: Rule = (resource, _local, at) => text(resource, 'name', at);
const LOOPBACK: Rule = () => '127.0.0.1';

/** The only table of values that an attribute has on this machine, by type and attribute. */
const ATTRIBUTES: Readonly<Record<string, Rule>> = {
  'google_service_account.email': email,
  'google_service_account.member': (account, local, at) => `serviceAccount:${email(account, local, at)}`,
  'google_service_account.name': (account, local, at) =>
    `projects/${local.projectId}/serviceAccounts/${email(account, local, at)}`,
  'google_cloudfunctions2_function.url': functionUrl,
  'google_cloudfunctions2_function.service_config[0].uri': functionUrl,
  'google_cloudfunctions2_function.service_config[0].service': name,
  'google_compute_address.address': LOOPBACK,
  'google_compute_global_address.address': LOOPBACK,
  'data.google_project.number': (_project, local) => local.projectNumber,
  'data.google_storage_project_service_account.email_address': (_account, local) =>
    `service-${local.projectNumber}@gs-project-accounts.iam.gserviceaccount.com`,
  'data.google_storage_project_service_account.member': (_account, local) =>
    `serviceAccount:service-${local.projectNumber}@gs-project-accounts.iam.gserviceaccount.com`,
};

/** Texts that are replaced whole: here a port belongs to an address, and the environment's domain does not exist. */
const WHOLE: readonly { readonly pattern: RegExp; readonly value: (local: Local) => string }[] = [
  {
    pattern: /^rtmp:\/\/(\$\{google_compute_address\.[\w-]+\.address\}|ingest\.[a-z0-9.-]+)\/live$/,
    value: ({ rtmpServer }) => rtmpServer,
  },
  // This machine serves no TLS.
  { pattern: /^rtmps:\/\/(\$\{[\w.-]+\}|[a-z0-9.-]+)\/live$/, value: () => '' },
  {
    pattern: /^https:\/\/\$\{google_certificate_manager_dns_authorization\.[\w-]+\.domain\}$/,
    value: ({ publicOrigin }) => publicOrigin,
  },
];

/** Attributes that only identify a resource: the address itself does so. */
const IDENTITIES = ['id', 'self_link', 'instance_group'];

export function knownAfterApply(projectId: string, addresses: LocalAddresses): KnownAfterApply {
  const local = { ...addresses, projectId };
  return {
    whole: (text) => WHOLE.find(({ pattern }) => pattern.test(text))?.value(local),
    attribute: (resource: Declared, attribute: string) => {
      const at = addressOf(resource);
      if (IDENTITIES.includes(attribute)) return at;
      const type = `${resource.kind === 'data' ? 'data.' : ''}${resource.type}`;
      return ATTRIBUTES[`${type}.${attribute}`]?.(resource.attributes, local, at);
    },
  };
}
