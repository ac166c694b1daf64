import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** One call of a Google API: host and path without a scheme, such as `compute.googleapis.com/compute/v1/projects/p`. */
export interface GoogleCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: readonly (readonly [name: string, value: string])[];
  readonly body?: unknown;
  /** True: without the caller's token, for public data. */
  readonly anonymous?: boolean;
  /** Longest to wait for the answer. @default 30 s */
  readonly timeoutMs?: number;
}

export interface GoogleApiOptions {
  /** An access token; called before every request. */
  readonly token: () => Promise<string>;
  /** Project whose quota is used, and whose services must be enabled. */
  readonly quotaProject?: string;
  /** Origin of a stand-in for all of Google's hosts. @default https, each host at its own name */
  readonly endpoint?: string;
  /** Waits between tries of a GET. */
  readonly retryMs?: readonly number[];
}

/** A refusal by Google. It holds no secret: bodies of requests are in no message. */
export class GoogleApiError extends Error {
  override readonly name = 'GoogleApiError';

  constructor(
    readonly status: number,
    readonly call: string,
    readonly reason: string,
  ) {
    super(`${call}: Google answers ${status}: ${reason}`);
  }
}

const Refusal = z.object({ error: z.object({ message: z.string() }) });
/** A signing key, in case Google repeats one. */
const KEY = /[A-Za-z0-9_-]{21}[AQgw]==/g;
const RETRIED = new Set([429, 500, 502, 503, 504]);

/** Google's REST APIs. Only reads are tried again: a command that writes can be run again as a whole. */
export class GoogleApi {
  constructor(private readonly options: GoogleApiOptions) {}

  /** Returns the answer, parsed by `schema`. */
  async call<T extends z.ZodType>(schema: T, call: GoogleCall): Promise<z.output<T>> {
    const parsed = schema.safeParse(await this.json(call));
    if (parsed.success) return parsed.data;
    throw new GoogleApiError(200, nameOf(call), `not what was expected: ${z.prettifyError(parsed.error)}`);
  }

  /** Returns the answer, or `undefined` where Google says that the resource does not exist. */
  async find<T extends z.ZodType>(schema: T, call: GoogleCall): Promise<z.output<T> | undefined> {
    return this.call(schema, call).catch((error: unknown) => {
      if (error instanceof GoogleApiError && error.status === 404) return undefined;
      throw error;
    });
  }

  private async json(call: GoogleCall): Promise<unknown> {
    const waits = call.method === 'GET' ? (this.options.retryMs ?? [500, 1500, 4000]) : [];
    for (const waitMs of waits) {
      try {
        return await this.once(call);
      } catch (error) {
        if (error instanceof GoogleApiError && !RETRIED.has(error.status)) throw error;
        await sleep(waitMs);
      }
    }
    return this.once(call);
  }

  private async once(call: GoogleCall): Promise<unknown> {
    const { quotaProject } = this.options;
    const response = await fetch(this.urlOf(call), {
      method: call.method,
      headers: {
        ...(call.anonymous !== true && { authorization: `Bearer ${await this.options.token()}` }),
        ...(call.anonymous !== true && quotaProject !== undefined && { 'x-goog-user-project': quotaProject }),
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      signal: AbortSignal.timeout(call.timeoutMs ?? 30_000),
    }).catch((error: unknown) => {
      throw new GoogleApiError(0, nameOf(call), `no answer: ${reasonOf(error)}`);
    });
    const text = await response.text();
    if (!response.ok) throw new GoogleApiError(response.status, nameOf(call), refusalOf(text));
    return text === '' ? {} : JSON.parse(text);
  }

  private urlOf({ path, query = [] }: GoogleCall): string {
    const search = new URLSearchParams(query.map(([name, value]) => [name, value])).toString();
    const origin = this.options.endpoint === undefined ? 'https://' : `${this.options.endpoint}/`;
    return `${origin}${path}${search === '' ? '' : `?${search}`}`;
  }
}

const nameOf = ({ method, path }: GoogleCall): string => `${method} ${path}`;

function refusalOf(text: string): string {
  try {
    const parsed = Refusal.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data.error.message.replace(KEY, '***');
  } catch {
    // A body that is not JSON, such as a proxy's page.
  }
  return text.slice(0, 200).replace(KEY, '***') || 'nothing';
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
