import { z } from 'zod';
import { CliError } from '../google/cli-error';
import { type GoogleApi, GoogleApiError } from '../google/google-api';

const Accessed = z.object({ name: z.string(), payload: z.object({ data: z.base64() }) });
const Version = z.object({ name: z.string() });
const Versions = z.object({ versions: z.array(Version).default([]), nextPageToken: z.string().optional() });

/** The value of one secret in Secret Manager. Its container is made by Terraform. */
export class SecretVersions {
  private readonly path: string;

  constructor(
    private readonly api: GoogleApi,
    projectId: string,
    readonly secretId: string,
  ) {
    this.path = `secretmanager.googleapis.com/v1/projects/${projectId}/secrets/${secretId}`;
  }

  /** Returns the newest value; `undefined` while there is none. */
  async read(): Promise<string | undefined> {
    const found = await this.api.find(Accessed, { method: 'GET', path: `${this.path}/versions/latest:access` });
    if (found !== undefined) return Buffer.from(found.payload.data, 'base64').toString('utf8');
    await this.checkContainer();
    return undefined;
  }

  /** Adds a version. Returns its full name. */
  async write(value: string): Promise<string> {
    const payload = { data: Buffer.from(value, 'utf8').toString('base64') };
    const { name } = await this.api.call(Version, {
      method: 'POST',
      path: `${this.path}:addVersion`,
      body: { payload },
    });
    return name;
  }

  /** Destroys every version but the newest: an old value is of use to a thief only. */
  async forgetOld(): Promise<number> {
    const [, ...old] = await this.enabled();
    for (const { name } of old)
      await this.api.call(Version, {
        method: 'POST',
        path: `secretmanager.googleapis.com/v1/${name}:destroy`,
        body: {},
      });
    return old.length;
  }

  /** Returns the versions that can be read, newest first. */
  private async enabled(): Promise<z.output<typeof Version>[]> {
    const query = [['filter', 'state:ENABLED'] as const, ['pageSize', '100'] as const];
    const { versions } = await this.api.call(Versions, { method: 'GET', path: `${this.path}/versions`, query });
    const numberOf = ({ name }: { name: string }): number => Number(name.split('/').at(-1));
    return versions.toSorted((a, b) => numberOf(b) - numberOf(a));
  }

  private async checkContainer(): Promise<void> {
    const container = await this.api.find(Version, { method: 'GET', path: this.path }).catch((error: unknown) => {
      if (error instanceof GoogleApiError && error.status === 403)
        throw new CliError(
          `secret ${this.secretId} cannot be read: the caller needs roles/secretmanager.admin (${error.reason})`,
        );
      throw error;
    });
    if (container === undefined)
      throw new CliError(`secret ${this.secretId} is not there: Terraform makes it, so deploy the environment first`);
  }
}
