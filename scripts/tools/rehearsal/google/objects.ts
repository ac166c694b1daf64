import { type ApiRequest, jsonAnswer, type StorageAnswer } from '../../../emulators/gcs/api/http';
import { jsonRoutes } from '../../../emulators/gcs/api/json-api';
import { publicCall } from '../../../emulators/gcs/api/public-api';
import { match, type StorageRoute } from '../../../emulators/gcs/api/routing';
import { errorBody, StorageError } from '../../../emulators/gcs/api/storage-error';
import { uploadRoutes } from '../../../emulators/gcs/api/upload-api';
import type { World } from './world';

const HOST = '/storage.googleapis.com';
const OBJECTS = /^\/(?:(?:upload|download)\/)?storage\/v1\/b\/[^/]+\/o(?:\/|$)/;

const plain = ({ pathname }: URL): string => (pathname.startsWith(`${HOST}/`) ? pathname.slice(HOST.length) : pathname);
/** Clients read bytes at `/<bucket>/<object>`, and no bucket of ours has a dot in its name as every host has. */
const isRead = (path: string): boolean => /^\/(?!(?:storage|upload|download)\/)[a-z0-9-]+\/./.test(path);

/** Returns whether a request is for an object, not for a resource of the control plane. */
export const isObjectRequest = ({ url }: Pick<ApiRequest, 'url'>): boolean =>
  OBJECTS.test(plain(url)) || isRead(plain(url));

/** Uploads go on over several requests, so the routes of a world stay. */
const ROUTES = new WeakMap<World, readonly StorageRoute[]>();
function routesOf(world: World): readonly StorageRoute[] {
  const routes = ROUTES.get(world) ?? [...uploadRoutes(world.objects), ...jsonRoutes(world.objects)];
  ROUTES.set(world, routes);
  return routes;
}

/** Answers a request for an object by the local stack's Cloud Storage. */
export async function answerObject(world: World, request: ApiRequest): Promise<StorageAnswer> {
  const path = plain(request.url);
  const url = new URL(request.url);
  url.pathname = path;
  const asked = { ...request, url };
  const { objects } = world;
  try {
    const call = isRead(path) ? publicCall(objects, asked) : match(routesOf(world), asked);
    if (call === undefined) throw new StorageError(404, 'notFound', `Not Found: ${request.method} ${path}`);
    return await call.run();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const headers = { 'content-type': 'application/json; charset=UTF-8' };
    return error.status === 304
      ? { status: 304, headers }
      : { ...jsonAnswer({}), status: error.status, body: errorBody(error) };
  }
}
