import type { Operation } from '../meter';
import { type ApiRequest, decodePath, type StorageAnswer } from './http';

/** A request that was understood: its operation, its object, and the function that carries it out. */
export interface StorageCall {
  readonly operation: Operation;
  readonly bucket: string;
  readonly name: string;
  run(): Promise<StorageAnswer> | StorageAnswer;
}

/** The parameters in the path of a route. */
export interface RouteParameters {
  readonly bucket: string;
  readonly name: string;
  readonly destinationBucket: string;
  readonly destinationName: string;
}

export interface StorageRoute {
  readonly method: string;
  readonly path: RegExp;
  /** The operation, where the query decides it. */
  readonly operation: Operation | ((request: ApiRequest) => Operation);
  run(request: ApiRequest, parameters: RouteParameters): Promise<StorageAnswer> | StorageAnswer;
}

/** `:bucket` and so on stand for one path segment. */
export const pathPattern = (text: string): RegExp =>
  new RegExp(`^${text.replace(/:([A-Za-z]+)/g, (_, name: string) => `(?<${name}>[^/]+)`)}/?$`);

/** Returns the call of the first route that matches; `undefined` for none. */
export function match(routes: readonly StorageRoute[], request: ApiRequest): StorageCall | undefined {
  for (const route of routes) {
    const found = request.method === route.method ? route.path.exec(request.url.pathname) : null;
    if (found !== null) return callOf(route, request, found.groups ?? {});
  }
  return undefined;
}

function callOf(
  route: StorageRoute,
  request: ApiRequest,
  groups: Readonly<Record<string, string | undefined>>,
): StorageCall {
  const part = (name: string) => decodePath(groups[name] ?? '');
  const parameters = {
    bucket: part('bucket'),
    name: part('name') || (request.url.searchParams.get('name') ?? ''),
    destinationBucket: part('destinationBucket'),
    destinationName: part('destinationName'),
  };
  const operation = typeof route.operation === 'function' ? route.operation(request) : route.operation;
  return { operation, bucket: parameters.bucket, name: parameters.name, run: () => route.run(request, parameters) };
}
