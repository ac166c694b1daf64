import { exchange, impersonate } from '../../../../scripts/tools/rehearsal/google/identity/sign-in';
import { Google, PROJECT } from './google';

const IAM = `iam.googleapis.com/v1/projects/${PROJECT}`;
const POOLS = `${IAM}/locations/global/workloadIdentityPools`;
const ISSUER = 'https://token.actions.githubusercontent.com';

function pool(condition = "assertion.repository == 'owner/live'"): Google {
  const google = new Google();
  google.ask('POST', POOLS, { query: { workloadIdentityPoolId: 'ci' } });
  google.ask('POST', `${POOLS}/ci/providers`, {
    query: { workloadIdentityPoolProviderId: 'runs' },
    body: {
      attributeCondition: condition,
      attributeMapping: { 'google.subject': 'assertion.sub', 'attribute.repository': 'assertion.repository' },
      oidc: { issuerUri: ISSUER },
    },
  });
  return google;
}

const jwt = (claims: unknown): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
const asked = ({ world }: Google, token: string, provider = 'runs'): URLSearchParams =>
  new URLSearchParams({
    audience: `//iam.googleapis.com/projects/${world.numberOf(PROJECT)}/locations/global/workloadIdentityPools/ci/providers/${provider}`,
    subject_token: token,
  });
const signIn = (google: Google, repository: string): string =>
  String(exchange(google.world, asked(google, jwt({ iss: ISSUER, repository }))).access_token);

function deployer(google: Google, repository: string): string {
  const email = google.account('deployer');
  const member = `principalSet://iam.googleapis.com/projects/${PROJECT}/locations/global/workloadIdentityPools/ci/attribute.repository/${repository}`;
  const policy = { bindings: [{ role: 'roles/iam.workloadIdentityUser', members: [member] }] };
  google.ask('POST', `${IAM}/serviceAccounts/${email}:setIamPolicy`, { body: { policy } });
  return email;
}

describe('a run that signs in to the stand-in of Google', () => {
  it('acts as the account that lets its repository in', () => {
    const google = pool();
    const account = deployer(google, 'owner/live');
    expect(impersonate(google.world, signIn(google, 'owner/live'), account)).toMatchObject({
      accessToken: `as.${account}`,
    });
  });

  it.each([
    ['of another repository', { iss: ISSUER, repository: 'owner/fork' }, 'runs', /attribute condition/],
    ['of another platform', { iss: 'https://other.example.com', repository: 'owner/live' }, 'runs', /issuer/],
    ['of a provider nobody made', { iss: ISSUER, repository: 'owner/live' }, 'other', /audience/],
  ])('is refused with a token %s', (_, claims, provider, words) => {
    const google = pool();
    expect(() => exchange(google.world, asked(google, jwt(claims), provider))).toThrow(words);
  });

  it('is refused with a token that is none', () => {
    const google = pool();
    expect(() => exchange(google.world, asked(google, 'x'))).toThrow(/ID Token/);
  });

  it('acts as no account that lets another repository in, and none that is not there', () => {
    const google = pool();
    const account = deployer(google, 'owner/other');
    const token = signIn(google, 'owner/live');
    expect(() => impersonate(google.world, token, account)).toThrow(/getAccessToken/);
    expect(() => impersonate(google.world, token, 'nobody@x')).toThrow(/Unknown service account/);
    expect(() => impersonate(google.world, 'a-token', account)).toThrow(/does not have permission/);
  });

  it('is let in by no condition but the one form that is understood', () => {
    const google = pool('true');
    expect(() => signIn(google, 'owner/live')).toThrow(/attribute condition/);
  });
});
