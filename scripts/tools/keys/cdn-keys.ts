import { z } from 'zod';
import type { SigningKey } from '../../../functions/contract/signing-keys';
import { CliError } from '../google/cli-error';
import { type GoogleApi, GoogleApiError, type GoogleCall } from '../google/google-api';

const Backend = z.object({ cdnPolicy: z.object({ signedUrlKeyNames: z.array(z.string()).default([]) }).prefault({}) });
const Operation = z.object({
  name: z.string(),
  status: z.enum(['PENDING', 'RUNNING', 'DONE']),
  error: z.object({ errors: z.array(z.object({ message: z.string() })) }).optional(),
});

/** Google waits at most two minutes in one call. */
const WAIT_MS = 130_000;
const WAITS = 5;

/** The keys by which one backend bucket verifies: their names can be read, their values cannot. */
export class CdnKeys {
  private readonly path: string;

  constructor(
    private readonly api: GoogleApi,
    private readonly projectId: string,
    readonly backend: string,
  ) {
    this.path = `compute.googleapis.com/compute/v1/projects/${projectId}/global/backendBuckets/${backend}`;
  }

  async names(): Promise<string[]> {
    const found = await this.api.find(Backend, { method: 'GET', path: this.path });
    if (found !== undefined) return found.cdnPolicy.signedUrlKeyNames;
    throw new CliError(
      `backend bucket ${this.backend} is not there: Terraform makes it, so deploy the environment first`,
    );
  }

  async isThere(): Promise<boolean> {
    return (await this.api.find(Backend, { method: 'GET', path: this.path })) !== undefined;
  }

  async add({ name, value }: SigningKey): Promise<void> {
    await this.change({ path: `${this.path}/addSignedUrlKey`, body: { keyName: name, keyValue: value } });
  }

  async remove(name: string): Promise<void> {
    await this.change({ path: `${this.path}/deleteSignedUrlKey`, query: [['keyName', name]] });
  }

  /** Starts a change and waits for its end: the key is valid everywhere seconds later. */
  private async change(call: Pick<GoogleCall, 'path' | 'body' | 'query'>): Promise<void> {
    let operation = await this.api.call(Operation, { method: 'POST', ...call });
    for (let asked = 0; operation.status !== 'DONE' && asked < WAITS; asked++)
      operation = await this.api.call(Operation, {
        method: 'POST',
        path: `compute.googleapis.com/compute/v1/projects/${this.projectId}/global/operations/${operation.name}/wait`,
        timeoutMs: WAIT_MS,
      });
    const [problem] = operation.error?.errors ?? [];
    if (problem !== undefined) throw new GoogleApiError(200, `POST ${call.path}`, problem.message);
    if (operation.status !== 'DONE')
      throw new CliError(`${this.backend}: a change of keys does not end; run the command again`);
  }
}
