import { createLocalJWKSet, jwtVerify } from 'jose';
import { metadataServer } from '../../../../scripts/emulators/metadata/server';
import { createTokens, type Tokens } from '../../../../scripts/emulators/metadata/tokens';
import type { LocalService } from '../../../../scripts/emulators/server/local-service';

const NODE = 'demo-node@demo-project.iam.gserviceaccount.com';
let tokens: Tokens;
let service: LocalService;
let url: URL;

beforeAll(async () => {
  tokens = await createTokens();
  service = metadataServer({
    port: 0,
    tokens,
    projectId: 'demo-project',
    projectNumber: '42',
    instance: 'node-1',
    serviceAccount: NODE,
  });
  url = await service.start();
});
afterAll(() => service.stop());

const FLAVOR = { 'metadata-flavor': 'Google' };
const ask = (path: string, headers: Record<string, string> = FLAVOR): Promise<Response> =>
  fetch(new URL(`/computeMetadata/v1/${path}`, url), { headers });

describe('the metadata server', () => {
  it.each(['default', NODE])(
    "answers an ID token of the VM's account as %s, that the published key verifies",
    async (account) => {
      const response = await ask(`instance/service-accounts/${account}/identity?audience=http://hooks&format=full`);
      const jwks = await (await fetch(new URL('/certs', url))).json();
      const { payload, protectedHeader } = await jwtVerify(await response.text(), createLocalJWKSet(jwks), {
        issuer: 'https://accounts.google.com',
        audience: 'http://hooks',
      });
      expect([payload.email, payload.email_verified, protectedHeader.alg]).toEqual([NODE, true, 'RS256']);
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    },
  );

  it.each([
    ['instance/name', 'node-1'],
    ['instance/service-accounts/default/email', NODE],
    ['project/project-id', 'demo-project'],
    ['project/numeric-project-id', '42'],
  ])('answers %s', async (path, value) => {
    const response = await ask(path);
    expect([await response.text(), response.headers.get('metadata-flavor')]).toEqual([value, 'Google']);
  });

  it('answers an access token as JSON', async () => {
    expect(await (await ask('instance/service-accounts/default/token')).json()).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
    });
  });

  it.each<[string, string, Record<string, string>, number]>([
    ['without the flavor header', 'instance/name', {}, 403],
    ['that was forwarded', 'instance/name', { ...FLAVOR, 'x-forwarded-for': '10.0.0.1' }, 403],
    ['for an identity without an audience', 'instance/service-accounts/default/identity', FLAVOR, 400],
    ["for another account's identity", 'instance/service-accounts/other@x/identity?audience=a', FLAVOR, 404],
    ['for what is not there', 'instance/attributes/none', FLAVOR, 404],
  ])('refuses a request %s', async (_, path, headers, status) => {
    expect((await ask(path, headers)).status).toBe(status);
  });
});

describe('tokens', () => {
  it.each([
    ['another audience', async () => tokens.issue({ email: NODE, audience: 'http://other' })],
    ['another key', async () => (await createTokens()).issue({ email: NODE, audience: 'http://hooks' })],
    ['no signature', async () => 'eyJhbGciOiJub25lIn0.e30.'],
    ['nonsense', async () => 'nonsense'],
  ])('do not verify with %s', async (_, make) => {
    expect(await tokens.verify(await make(), 'http://hooks')).toBeUndefined();
  });
});
