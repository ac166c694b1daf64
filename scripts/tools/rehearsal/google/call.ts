import type { Fields } from './json';

/**
 * The effect of a request on the resource that it names. A `verb` is anything else: `:setIamPolicy`,
 * `/addSignedUrlKey`.
 */
export type Action = 'create' | 'read' | 'list' | 'update' | 'replace' | 'delete' | 'verb';

/** One request to one of Google's REST APIs, parsed. */
export interface Call {
  readonly method: string;
  /** Such as `compute.googleapis.com`. */
  readonly host: string;
  /** Such as `compute`. */
  readonly service: string;
  /** Without host and version: `projects/p/global/backendBuckets/b`. With a verb: the resource that it concerns. */
  readonly path: string;
  /** Such as `compute/v1/`, as it was sent. */
  readonly version: string;
  /** The last collection in the path: `backendBuckets`. */
  readonly collection: string;
  readonly action: Action;
  /** Such as `setIamPolicy`; empty unless `action` is `verb`. */
  readonly verb: string;
  /** Id of the project in the path; empty where it names none. */
  readonly project: string;
  /** Project that the caller names to pay and to have the service enabled; empty where none is. */
  readonly quotaProject: string;
  readonly query: URLSearchParams;
  readonly body: Fields;
}

/** An answer: a status, and JSON. */
export interface GoogleReply {
  readonly status: number;
  readonly body: unknown;
}

interface AskedResource {
  readonly method: string;
  /** `<host>/<path>`, decoded. */
  readonly target: string;
  readonly query: URLSearchParams;
  readonly quotaProject: string;
  readonly body: Fields;
}

const VERSION = /^(?:(?:compute|dns|bigquery|storage)\/)?v\d\w*\//;
/** Collections of Compute Engine lie in a project, a region or a zone, and nothing lies in theirs. */
const COMPUTE_ITEM = /^(projects\/[^/]+\/(?:global|regions\/[^/]+|zones\/[^/]+)\/[^/]+\/[^/]+)\/([^/]+)$/;
const STORAGE_IAM = /^(b\/[^/]+)\/(iam(?:\/testPermissions)?)$/;

/** Parses a request by the shape of its path: collections and ids alternate in every API of Google's. */
export function callOf({ method, target, query, quotaProject, body }: AskedResource): Call {
  const [host = '', ...segments] = target.split('/');
  const rest = segments.join('/').replace(/\/+$/, '');
  const version = VERSION.exec(rest)?.[0] ?? '';
  const { path, verb } = verbOf(rest.slice(version.length));
  const plain = path.replace(/^(projects\/[^/]+)\/global(?=\/|$)/, '$1').split('/');
  const isItem = plain.length % 2 === 0;
  const common = { method, host, service: host.split('.')[0] ?? '', path, version, query, quotaProject, body };
  const project = /(?:^|\/)projects\/([^/:]+)/.exec(path)?.[1] ?? query.get('project') ?? '';
  const collection = (isItem ? plain.at(-2) : plain.at(-1)) ?? '';
  return { ...common, collection, verb, project, action: verb === '' ? actionOf(method, isItem) : 'verb' };
}

function verbOf(path: string): { path: string; verb: string } {
  const said = COMPUTE_ITEM.exec(path) ?? STORAGE_IAM.exec(path) ?? /^(.+?)(?::|\/(?=batch))([a-zA-Z]+)$/.exec(path);
  return { path: said?.[1] ?? path, verb: said?.[2] ?? '' };
}

function actionOf(method: string, isItem: boolean): Action {
  if (method === 'GET') return isItem ? 'read' : 'list';
  if (method === 'DELETE') return 'delete';
  if (method === 'PATCH') return 'update';
  if (method === 'PUT') return 'replace';
  return isItem ? 'verb' : 'create';
}
