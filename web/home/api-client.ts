import { z } from 'zod';
import { ROUTES } from '../../functions/contract/routes';
import { StreamId } from '../../functions/contract/words';

const Listed = z.object({ id: StreamId, title: z.string(), status: z.string() });
export type ListedStream = z.infer<typeof Listed>;
const List = z.object({ streams: z.array(Listed) });
const Created = z.object({ id: StreamId, ingest: z.object({ rtmp: z.object({ server: z.string(), streamKey: z.string() }) }) });
export type CreatedStream = z.infer<typeof Created>;
const Problem = z.object({ detail: z.string() });

/** An answer of the API that is no success, in its own words. */
export class ApiRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** What the home page asks the API of its own host. */
export interface ApiClient {
  list(): Promise<ListedStream[]>;
  create(title: string): Promise<CreatedStream>;
}

export function apiClient(adminKey: string, send: typeof fetch = fetch): ApiClient {
  async function call<T>(schema: z.ZodType<T>, init: RequestInit): Promise<T> {
    const answer = await send(ROUTES.api.streams, { ...init, headers: { ...init.headers, Authorization: `Bearer ${adminKey}` } });
    const body: unknown = await answer.json().catch(() => undefined);
    if (answer.ok) return schema.parse(body);
    const problem = Problem.safeParse(body);
    throw new ApiRefusal(answer.status, problem.success ? problem.data.detail : `the API answered ${answer.status}`);
  }
  return {
    list: async () => (await call(List, { method: 'GET' })).streams,
    create: (title) =>
      call(Created, { method: 'POST', body: JSON.stringify({ title }), headers: { 'Content-Type': 'application/json' } }),
  };
}
