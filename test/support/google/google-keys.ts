import { z } from 'zod';
import { SigningKeysSecret } from '../../../functions/contract/signing-keys';
import { type Answer, GoogleStandIn, notFound, type Route } from './google-stand-in';

const AddKey = z.object({ keyName: z.string(), keyValue: z.string() });
const AddVersion = z.object({ payload: z.object({ data: z.base64() }) });
const Policy = z.looseObject({
  etag: z.string(),
  bindings: z.array(z.looseObject({ role: z.string(), members: z.array(z.string()) })),
});

export const PROJECT = 'srs-live-dev';
export const BACKENDS = ['srs-live-dev-gated-playlists', 'srs-live-dev-gated-segments'];
export const SIGNING = 'srs-live-dev-signing-keys';
const SECRETS = [
  'srs-live-dev-admin-key',
  SIGNING,
  ...['token-keys', 'turn-secret', 'content-secret'].map((name) => `srs-live-dev-${name}`),
];
export const FILL = 'serviceAccount:service-4711@cloud-cdn-fill.iam.gserviceaccount.com';

interface Version {
  readonly value: string;
  destroyed: boolean;
}

/** Secret Manager, Compute Engine's backend buckets, a bucket's policy and the project, as far as keys need them. */
export class GoogleKeys {
  readonly secrets = new Map<string, Version[]>(SECRETS.map((id) => [id, []]));
  readonly backends = new Map<string, Map<string, string>>(BACKENDS.map((name) => [name, new Map()]));
  readonly members: string[] = ['serviceAccount:somebody@else.iam.gserviceaccount.com'];
  /** A key that signs although some backend does not verify it: a viewer would be refused. */
  readonly broken: string[] = [];
  /** The number of requests for which the account of Cloud CDN is still unknown after its first key. */
  unknownFor = 1;
  private etag = 1;

  readonly server = new GoogleStandIn(this.routes());

  latest(secret: string): string | undefined {
    return this.secrets.get(secret)?.findLast(({ destroyed }) => !destroyed)?.value;
  }

  signingKeys() {
    const text = this.latest(SIGNING);
    return text === undefined ? [] : SigningKeysSecret.parse(text);
  }

  /** Every value there is or was: none may be seen anywhere. */
  values(): string[] {
    const versions = [...this.secrets.values()].flat().map(({ value }) => value);
    return [...versions, ...[...this.backends.values()].flatMap((keys) => [...keys.values()])];
  }

  private routes(): Route[] {
    const backend = 'compute\\.googleapis\\.com/compute/v1/projects/srs-live-dev/global/backendBuckets/(?<name>[^/]+)';
    const secret = 'secretmanager\\.googleapis\\.com/v1/projects/srs-live-dev/secrets/(?<id>[^/:]+)';
    const policy = /^storage\.googleapis\.com\/storage\/v1\/b\/srs-live-dev-gated-srs-live-dev\/iam$/;
    return [
      { method: 'GET', path: new RegExp(`^${backend}$`), answer: ({ groups }) => this.backend(groups.name) },
      {
        method: 'POST',
        path: new RegExp(`^${backend}/addSignedUrlKey$`),
        answer: ({ groups, body }) => this.add(groups.name, body),
      },
      {
        method: 'POST',
        path: new RegExp(`^${backend}/deleteSignedUrlKey$`),
        answer: ({ groups, query }) => this.remove(groups.name, query.get('keyName') ?? ''),
      },
      {
        method: 'POST',
        path: /\/global\/operations\/op\/wait$/,
        answer: () => ({ body: { name: 'op', status: 'DONE' } }),
      },
      { method: 'GET', path: new RegExp(`^${secret}$`), answer: ({ groups: { id = '' } }) => this.container(id) },
      {
        method: 'GET',
        path: new RegExp(`^${secret}/versions/latest:access$`),
        answer: ({ groups: { id = '' } }) => this.access(id),
      },
      {
        method: 'GET',
        path: new RegExp(`^${secret}/versions$`),
        answer: ({ groups: { id = '' } }) => this.versions(id),
      },
      {
        method: 'POST',
        path: new RegExp(`^${secret}:addVersion$`),
        answer: ({ groups: { id = '' }, body }) => this.write(id, body),
      },
      {
        method: 'POST',
        path: new RegExp(`^${secret}/versions/(?<n>\\d+):destroy$`),
        answer: ({ groups: { id = '', n } }) => this.destroy(id, Number(n)),
      },
      {
        method: 'GET',
        path: /^cloudresourcemanager\.googleapis\.com\/v3\/projects\/srs-live-dev$/,
        answer: () => ({ body: { name: 'projects/4711' } }),
      },
      { method: 'GET', path: policy, answer: () => ({ body: this.policy() }) },
      { method: 'PUT', path: policy, answer: ({ body }) => this.setPolicy(Policy.parse(body)) },
    ];
  }

  private backend(name = ''): Answer {
    const keys = this.backends.get(name);
    if (keys === undefined) return notFound;
    return { body: { name, cdnPolicy: keys.size === 0 ? {} : { signedUrlKeyNames: [...keys.keys()] } } };
  }

  private add(name = '', body: unknown): Answer {
    const keys = this.backends.get(name);
    const { keyName, keyValue } = AddKey.parse(body);
    if (keys === undefined) return notFound;
    if (keys.has(keyName) || keys.size === 3)
      return { status: 400, body: { error: { message: `no more keys: ${keyValue}` } } };
    keys.set(keyName, keyValue);
    this.check();
    return { body: { name: 'op', status: 'RUNNING' } };
  }

  private remove(name = '', keyName: string): Answer {
    if (this.backends.get(name)?.delete(keyName) !== true) return notFound;
    this.check();
    return { body: { name: 'op', status: 'RUNNING' } };
  }

  private container(id: string): Answer {
    return this.secrets.has(id) ? { body: { name: `projects/4711/secrets/${id}` } } : notFound;
  }

  private access(id: string): Answer {
    const value = this.latest(id);
    if (value === undefined) return notFound;
    return {
      body: {
        name: `projects/4711/secrets/${id}/versions/1`,
        payload: { data: Buffer.from(value).toString('base64') },
      },
    };
  }

  private versions(id: string): Answer {
    const all = (this.secrets.get(id) ?? []).flatMap(({ destroyed }, index) =>
      destroyed ? [] : [{ name: `projects/4711/secrets/${id}/versions/${index + 1}` }],
    );
    return { body: { versions: all.map(({ name }) => ({ name: name.replace('4711', PROJECT) })) } };
  }

  private write(id: string, body: unknown): Answer {
    const versions = this.secrets.get(id);
    if (versions === undefined) return notFound;
    versions.push({ value: Buffer.from(AddVersion.parse(body).payload.data, 'base64').toString(), destroyed: false });
    if (id === SIGNING) this.check();
    return { body: { name: `projects/4711/secrets/${id}/versions/${versions.length}` } };
  }

  private destroy(id: string, number: number): Answer {
    const version = this.secrets.get(id)?.[number - 1];
    if (version === undefined) return notFound;
    version.destroyed = true;
    return { body: { name: `projects/4711/secrets/${id}/versions/${number}` } };
  }

  private policy() {
    const bindings = [
      { role: 'roles/storage.objectUser', members: ['serviceAccount:writer@x.iam.gserviceaccount.com'] },
      { role: 'roles/storage.objectViewer', members: [...this.members] },
    ];
    return { kind: 'storage#policy', etag: String(this.etag), version: 1, bindings };
  }

  private setPolicy({ etag, bindings }: z.output<typeof Policy>): Answer {
    if (etag !== String(this.etag)) return { status: 412, body: { error: { message: 'etag' } } };
    const viewers = bindings.find(({ role }) => role === 'roles/storage.objectViewer')?.members ?? [];
    const keyed = [...this.backends.values()].some((keys) => keys.size > 0);
    if (viewers.includes(FILL) && (!keyed || this.unknownFor-- > 0))
      return { status: 400, body: { error: { message: `Service account ${FILL.slice(15)} does not exist.` } } };
    this.etag++;
    this.members.splice(0, this.members.length, ...viewers);
    return { body: this.policy() };
  }

  /** Once the CDN has keys at all, what signs is verified by every backend, with the same value. */
  private check(): void {
    const [signing] = this.signingKeys();
    if (signing === undefined || this.signingKeys().length === 1) return;
    for (const [backend, keys] of this.backends)
      if (keys.get(signing.name) !== signing.value) this.broken.push(`${backend} does not verify ${signing.name}`);
  }
}
