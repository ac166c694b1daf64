import { once } from 'node:events';
import { connect } from 'node:net';
import { GoogleServer } from '../../../../scripts/tools/rehearsal/google/server';
import { World } from '../../../../scripts/tools/rehearsal/google/world';

const PROJECT = 'live-dev';
let server: GoogleServer;
let origin: string;
beforeEach(async () => {
  server = new GoogleServer(new World({ projects: [PROJECT] }), []);
  origin = await server.start();
});
afterEach(() => server.stop());

const ask = async (method: string, path: string, body?: unknown, token = 'good') => {
  const answer = await fetch(`${origin}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
};

describe('the stand-in of Google, over HTTP', () => {
  it('refuses who does not sign in, and a token that has expired', async () => {
    const path = `${origin}/pubsub.googleapis.com/v1/projects/${PROJECT}/topics`;
    expect((await fetch(path)).status).toBe(401);
    expect(await ask('GET', `pubsub.googleapis.com/v1/projects/${PROJECT}/topics`, undefined, 'expired')).toMatchObject(
      {
        status: 401,
        body: { error: { status: 'UNAUTHENTICATED' } },
      },
    );
  });

  it('knows a project by its number, and takes a version that is said twice for one', async () => {
    const { body } = await ask('GET', `cloudresourcemanager.googleapis.com/v1/v1/projects/${PROJECT}`);
    await ask('PUT', `pubsub.googleapis.com/v1/projects/${body.projectNumber}/topics/t`, {});
    expect((await ask('GET', `pubsub.googleapis.com/v1/projects/${PROJECT}/topics/t`)).status).toBe(200);
  });

  it('keeps objects, whose bytes are read as Terraform reads its state, and lets one lock exist', async () => {
    await ask('POST', `storage.googleapis.com/storage/v1/b?project=${PROJECT}`, { name: 'states' });
    const upload = 'upload/storage/v1/b/states/o?uploadType=media&name=dev/default.tflock&ifGenerationMatch=0';
    expect((await ask('POST', upload, { ID: '1' })).status).toBe(200);
    expect((await ask('POST', upload, { ID: '2' })).status).toBe(412);
    expect((await ask('GET', 'states/dev/default.tflock')).body).toEqual({ ID: '1' });
  });

  it('lets time pass when it is told to', async () => {
    const before = server.world.now();
    await ask('POST', '_clock?advance=600');
    expect(server.world.now() - before).toBeGreaterThanOrEqual(600_000);
  });

  it('is a proxy that lets nobody out', async () => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.write('CONNECT openidconnect.googleapis.com:443 HTTP/1.1\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 403 /);
    socket.destroy();
  });
});
