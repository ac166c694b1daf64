import type { Call, GoogleReply } from './call';
import { at, textAt } from './json';
import { create, update } from './resources';
import type { Special } from './special-type';
import type { World } from './world';

const RUN = 'run.googleapis.com';

/** Makes a revision of the Cloud Run service behind a function, at every change. It takes all requests. */
function revise({ project }: Call, world: World, path: string): void {
  const service = path.replace('/functions/', '/services/');
  const number = world.in(RUN, 'revisions').filter((thing) => thing.path.startsWith(`${service}/`)).length + 1;
  const name = `${service.split('/').at(-1)}-${`${number}`.padStart(5, '0')}-abc`;
  const revision = `${service}/revisions/${name}`;
  const createTime = new Date(world.now()).toISOString();
  const conditions = [{ type: 'Ready', state: 'CONDITION_SUCCEEDED' }];
  world.put({
    host: RUN,
    project,
    collection: 'revisions',
    path: revision,
    body: { name: revision, createTime, conditions },
  });
  const traffic = [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST', percent: 100 }];
  const body = { name: service, latestReadyRevision: revision, traffic, etag: `"${world.serial()}"` };
  world.put({ host: RUN, project, collection: 'services', path: service, body });
}

function withRevision(call: Call, world: World, reply: GoogleReply): GoogleReply {
  const path = textAt(at(reply.body, 'response'), 'name');
  if (path !== '') revise(call, world, path);
  return reply;
}

/** Requests of functions, and of the services that run them. */
export const FUNCTIONS: readonly Special[] = [
  {
    service: 'cloudfunctions',
    said: /^POST projects\/[^/]+\/locations\/[^/]+\/functions$/,
    answer: (call, world) => withRevision(call, world, create(call, world)),
  },
  {
    service: 'cloudfunctions',
    said: /^PATCH .*\/functions\/[^/]+$/,
    answer: (call, world) => withRevision(call, world, update(call, world)),
  },
];
