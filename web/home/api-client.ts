import * as z from 'zod/mini';
import type { Policy, StreamId } from '../../functions/contract/ids';
import type { Encryption } from '../../functions/contract/objects/encryption';
import { path, ROUTES } from '../../functions/contract/routes';
import { apiCall, post } from '../api-call';

const Listed = z.object({
  id: z.string(),
  title: z.string(),
  status: z.string(),
  policy: z.enum(['open', 'gated']),
});
export type ListedStream = z.infer<typeof Listed>;
const List = z.object({ streams: z.array(Listed) });
const Created = z.object({
  id: z.string(),
  ingest: z.object({ rtmp: z.object({ server: z.string(), streamKey: z.string() }) }),
});
export type StreamToPublish = z.infer<typeof Created>;
const Granted = z.object({ playback: z.object({ page: z.url() }) });

/** A stream as the form asks for it. Common Encryption comes with CMAF, and no encryption is not asked for. */
export interface WantedStream {
  title: string;
  policy: Policy;
  encryption: Encryption;
}

function bodyOf({ encryption, ...wanted }: WantedStream): object {
  if (encryption === 'none') return wanted;
  return { ...wanted, packaging: encryption === 'aes-128' ? 'ts' : 'cmaf', encryption };
}

/** The requests of the home page to the API of its own host. */
export interface ApiClient {
  list(): Promise<ListedStream[]>;
  create(wanted: WantedStream): Promise<StreamToPublish>;
  /** Makes a new key for the stream; the previous one stays valid for a few minutes. */
  newKey(id: StreamId): Promise<StreamToPublish>;
  /** Makes a grant for one viewer, and returns the address of the page that plays with it. */
  grant(id: StreamId): Promise<string>;
}

export function apiClient(adminKey: string, send: typeof fetch = fetch): ApiClient {
  const call = apiCall(adminKey, send);
  return {
    list: async () => (await call(ROUTES.api.streams, List)).streams,
    create: (wanted) => call(ROUTES.api.streams, Created, post(bodyOf(wanted))),
    newKey: (id) => call(path(ROUTES.api.key, { id }), Created, post({})),
    grant: async (id) => (await call(path(ROUTES.grants.grants, { id }), Granted, post({}))).playback.page,
  };
}
