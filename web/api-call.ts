import * as z from 'zod/mini';

const Problem = z.object({ detail: z.string() });

/** A refusal by the API, with the words of its problem. */
export class ApiRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A schema, of zod or of its small edition. */
interface Reader<T> {
  parse(value: unknown): T;
}

/** Calls the API of this host with one key, and reads the answer by `schema`. Throws `ApiRefusal`. */
export type ApiCall = <T>(path: string, schema: Reader<T>, init?: RequestInit) => Promise<T>;

/** Makes calls with `key`: it travels in a header and stands in no URL. */
export const apiCall =
  (key: string, send: typeof fetch): ApiCall =>
  async (path, schema, init = { method: 'GET' }) => {
    const answer = await send(path, { ...init, headers: { ...init.headers, Authorization: `Bearer ${key}` } });
    const body: unknown = await answer.json().catch(() => undefined);
    if (answer.ok) return schema.parse(body);
    const problem = Problem.safeParse(body);
    throw new ApiRefusal(answer.status, problem.success ? problem.data.detail : `the API answered ${answer.status}`);
  };

/** Makes a POST of this JSON. */
export const post = (body: object): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});
