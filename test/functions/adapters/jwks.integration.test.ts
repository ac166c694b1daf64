import { createServer, type Server } from 'node:http';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { oidcVerifier, remoteKeys } from '../../../functions/adapters/jwks';

const PROVIDER = { issuer: 'https://id.example.com', audience: 'srs-live-test' };
const NOW = 1_800_000_000;
const clock = { now: () => NOW * 1000 };

interface Signer {
  kid: string;
  jwk: JWK;
  key: Parameters<SignJWT['sign']>[0];
  alg: string;
}

async function signerOf(kid: string, alg = 'RS256'): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

const CLAIMS = {
  iss: PROVIDER.issuer,
  aud: PROVIDER.audience,
  sub: 'user-1',
  role: 'publisher',
  iat: NOW - 10,
  exp: NOW + 300,
};
const tokenOf = ({ kid, alg, key }: Signer, claims: object = {}, header: object = {}): Promise<string> =>
  new SignJWT({ ...CLAIMS, ...claims }).setProtectedHeader({ alg, kid, ...header }).sign(key);

let rsa: Signer;
let ec: Signer;
let stranger: Signer;

beforeAll(async () => {
  [rsa, ec, stranger] = await Promise.all([signerOf('rsa-1'), signerOf('ec-1', 'ES256'), signerOf('rsa-1')]);
});

const verify = (token: string): Promise<unknown> =>
  oidcVerifier(PROVIDER, { keys: createLocalJWKSet({ keys: [rsa.jwk, ec.jwk] }), clock })(token);
const refusal = (why: string) =>
  expect.objectContaining({ code: 'unauthenticated', message: `the token is refused: ${why}` });

describe('a JWT', () => {
  it("is taken with any of the issuer's keys, and its claims come back", async () => {
    for (const signer of [rsa, ec]) expect(await verify(await tokenOf(signer))).toEqual(CLAIMS);
  });

  it.each<[string, object, string]>([
    ['another audience', { aud: 'somebody-else' }, "its claim 'aud' is not as it must be"],
    ['another issuer', { iss: 'https://evil.example' }, "its claim 'iss' is not as it must be"],
    ['no subject', { sub: undefined }, "its claim 'sub' is not as it must be"],
    ['no expiry', { exp: undefined }, "its claim 'exp' is not as it must be"],
    ['no time of issue', { iat: undefined }, "its claim 'iat' is not as it must be"],
    ['an expiry half a minute ago', { exp: NOW - 30 }, 'it has expired'],
    ['a beginning beyond half a minute', { nbf: NOW + 31 }, "its claim 'nbf' is not as it must be"],
    ['an issue in the future', { iat: NOW + 31 }, "its claim 'iat' is not as it must be"],
    ['an issue of the day before yesterday', { iat: NOW - 200_000 }, 'it has expired'],
    ['an expiry that is a text', { exp: 'tomorrow' }, "its claim 'exp' is not as it must be"],
  ])('with %s is refused', async (_name, claims, why) => {
    await expect(verify(await tokenOf(rsa, claims))).rejects.toEqual(refusal(why));
  });

  it('may be off by the clock skew', async () => {
    for (const claims of [{ exp: NOW - 29 }, { nbf: NOW + 30 }, { iat: NOW + 30 }])
      await expect(verify(await tokenOf(rsa, claims))).resolves.toMatchObject(claims);
  });

  it('is refused without a signature', async () => {
    const none = new UnsecuredJWT({ ...CLAIMS }).encode();
    await expect(verify(none)).rejects.toEqual(refusal('its algorithm is not one of RS256, PS256, ES256, EdDSA'));
  });

  it('is refused when the public key was taken for a secret', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(rsa.jwk));
    const token = await new SignJWT({ ...CLAIMS }).setProtectedHeader({ alg: 'HS256', kid: rsa.kid }).sign(secret);
    await expect(verify(token)).rejects.toEqual(refusal('its algorithm is not one of RS256, PS256, ES256, EdDSA'));
  });

  it('is refused when another signed it under the name of a key', async () => {
    await expect(verify(await tokenOf(stranger))).rejects.toEqual(refusal('its signature is wrong'));
  });

  it('is refused when its claims were changed', async () => {
    const [header, , signature] = (await tokenOf(rsa)).split('.');
    const claims = Buffer.from(JSON.stringify({ ...CLAIMS, role: 'admin' })).toString('base64url');
    await expect(verify(`${header}.${claims}.${signature}`)).rejects.toEqual(refusal('its signature is wrong'));
  });

  it.each(['', 'a', 'a.b.c', '..', 'eyJhbGciOiJSUzI1NiJ9..'])('that is %j is malformed', async (token) => {
    await expect(verify(token)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe("the issuer's keys", () => {
  let keys: JWK[];
  let status: number;
  let asked: number;
  let server: Server;
  let url: string;

  beforeEach(async () => {
    keys = [rsa.jwk];
    status = 200;
    asked = 0;
    server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/jwks`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const verifier = () => oidcVerifier(PROVIDER, { keys: remoteKeys(url), clock });

  it('are fetched once for many tokens', async () => {
    const check = verifier();
    for (let n = 0; n < 5; n += 1) await check(await tokenOf(rsa));
    expect(asked).toBe(1);
  });

  it('are fetched again for a key that is new, so that a rotation needs nothing done here', async () => {
    const check = oidcVerifier(PROVIDER, { keys: remoteKeys(url, { cooldownMs: 0 }), clock });
    await check(await tokenOf(rsa));
    const next = await signerOf('rsa-2');
    keys = [next.jwk];
    await expect(check(await tokenOf(next))).resolves.toMatchObject({ sub: 'user-1' });
    await expect(check(await tokenOf(rsa))).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('are not fetched again for every token with a key nobody has', async () => {
    const check = verifier();
    const unknown = await tokenOf({ ...stranger, kid: 'nobody' });
    for (let n = 0; n < 5; n += 1)
      await expect(check(unknown)).rejects.toEqual(refusal('it is signed with a key the issuer does not have'));
    expect(asked).toBe(1);
  });

  it.each([
    ['an error', 500],
    ['a redirect', 302],
  ])('answered with %s make the service unavailable, not the token wrong', async (_name, answer) => {
    status = answer;
    await expect(verifier()(await tokenOf(rsa))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('that nobody serves do too', async () => {
    const check = oidcVerifier(PROVIDER, { keys: remoteKeys('http://127.0.0.1:9/'), clock });
    await expect(check(await tokenOf(rsa))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
