import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { close, listen } from '../server/listen';
import type { LocalService } from '../server/local-service';
import { TOKEN_SECONDS, type Tokens } from './tokens';

/**
 * The metadata server of one VM: https://cloud.google.com/compute/docs/metadata/predefined-metadata-keys. It answers
 * the VM's attributes and ID tokens of its service account; an access token is a text that the other emulators do not
 * check. It also serves `/certs`, which Google serves elsewhere.
 */
export interface MetadataOptions {
  readonly port: number;
  readonly tokens: Tokens;
  readonly projectId: string;
  readonly projectNumber: string;
  readonly instance: string;
  /** Service account the VM runs as. */
  readonly serviceAccount: string;
}

interface MetadataAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}
type Values = (path: string, query: URLSearchParams) => Promise<MetadataAnswer | undefined>;

const ROOT = '/computeMetadata/v1/';
const text = (body: string): MetadataAnswer => ({ status: 200, contentType: 'application/text', body });
const json = (value: unknown): MetadataAnswer => ({
  status: 200,
  contentType: 'application/json',
  body: JSON.stringify(value),
});
const refused = (status: number, body: string): MetadataAnswer => ({
  status,
  contentType: 'text/html; charset=UTF-8',
  body,
});

export function metadataServer(options: MetadataOptions): LocalService {
  const values = valuesOf(options);
  const server = createServer((request, response) => {
    void answer(request, options.tokens, values).then((result) => send(response, result));
  });
  return {
    name: 'metadata',
    start: async () => new URL(`http://127.0.0.1:${await listen(server, options.port, 'metadata')}`),
    stop: () => close(server),
  };
}

function valuesOf(options: MetadataOptions): Values {
  const account = async (key: string, query: URLSearchParams): Promise<MetadataAnswer | undefined> => {
    if (key === 'email') return text(options.serviceAccount);
    if (key === 'token') return json({ access_token: 'local', expires_in: TOKEN_SECONDS, token_type: 'Bearer' });
    if (key !== 'identity') return undefined;
    const audience = query.get('audience');
    if (audience === null || audience === '') return refused(400, 'non-empty audience parameter required');
    return text(await options.tokens.issue({ email: options.serviceAccount, audience }));
  };
  const plain: Readonly<Record<string, string>> = {
    'instance/name': options.instance,
    'instance/id': options.projectNumber,
    'project/project-id': options.projectId,
    'project/numeric-project-id': options.projectNumber,
  };
  return async (path, query) => {
    const value = plain[path];
    if (value !== undefined) return text(value);
    const [, email, key = ''] = /^instance\/service-accounts\/([^/]+)\/(\w+)$/.exec(path) ?? [];
    return email === 'default' || email === options.serviceAccount ? account(key, query) : undefined;
  };
}

async function answer(request: IncomingMessage, tokens: Tokens, values: Values): Promise<MetadataAnswer> {
  const url = new URL(request.url ?? '/', 'http://metadata');
  if (url.pathname === '/certs') return json(tokens.jwks);
  // Both rules keep a page or a careless proxy from reading tokens.
  if (request.headers['metadata-flavor'] !== 'Google') return refused(403, 'Missing Metadata-Flavor:Google header.');
  if (request.headers['x-forwarded-for'] !== undefined)
    return refused(403, 'Requests with X-Forwarded-For are refused.');
  if (!url.pathname.startsWith(ROOT)) return refused(404, 'not found');
  return (await values(url.pathname.slice(ROOT.length), url.searchParams)) ?? refused(404, 'not found');
}

function send(response: ServerResponse, { status, contentType, body }: MetadataAnswer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'metadata-flavor': 'Google',
    server: 'Metadata Server for VM',
  });
  response.end(body);
}
