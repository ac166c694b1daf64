import { fieldsOf, listAt, textAt } from '../json';
import { RehearsalRefusal } from '../refusal';
import type { World } from '../world';

const IAM = 'iam.googleapis.com';
/** Prefix of a pool's token. It can be guessed, because this is a stand-in. */
const FEDERATED = 'federated.';

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));

const unknownCaller = (message: string): RehearsalRefusal => new RehearsalRefusal(403, message);

/** Returns the claims of a token as a CI platform signs it; its signature is not checked. */
function claimsOf(token: string): unknown {
  try {
    return decoded(token.split('.')[1] ?? '');
  } catch {
    throw new RehearsalRefusal(400, 'Unable to parse the ID Token.');
  }
}

/**
 * Tells whether claims meet `assertion.repository == 'owner/live'`: the only form of a condition that is supported
 * here.
 */
function isMet(condition: string, claims: unknown): boolean {
  const [, claim = '', value] = /^assertion\.(\w+) == '([^']*)'$/.exec(condition) ?? [];
  return value !== undefined && textAt(claims, claim) === value;
}

/**
 * Exchanges a run's own token for one of a workload identity pool.
 * https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
 */
export function exchange(world: World, asked: URLSearchParams): Readonly<Record<string, unknown>> {
  const audience = asked.get('audience') ?? '';
  const [, number = '', rest = ''] = /\/projects\/(\d+)\/(.+)$/.exec(audience) ?? [];
  const provider = world.find(IAM, `projects/${world.projectNumbered(number) ?? ''}/${rest}`)?.body;
  if (provider === undefined) throw new RehearsalRefusal(400, `Invalid value for "audience": ${audience}`);
  const claims = claimsOf(asked.get('subject_token') ?? '');
  if (textAt(claims, 'iss') !== textAt(provider, 'oidc', 'issuerUri'))
    throw new RehearsalRefusal(400, 'The issuer in ID Token does not match the expected ones.');
  if (!isMet(textAt(provider, 'attributeCondition'), claims))
    throw new RehearsalRefusal(400, 'The given credential is rejected by the attribute condition.');
  const pool = `projects/${number}/${rest.replace(/\/providers\/.*/, '')}`;
  const attributes = Object.entries(fieldsOf(provider.attributeMapping)).flatMap(([name, from]) =>
    name.startsWith('attribute.') ? [`${name}/${textAt(claims, String(from).replace('assertion.', ''))}`] : [],
  );
  const sets = attributes.map((one) => `principalSet://iam.googleapis.com/${pool}/${one}`);
  return {
    access_token: `${FEDERATED}${encoded(sets)}`,
    token_type: 'Bearer',
    expires_in: 3600,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  };
}

const byNumber = (world: World, member: string): string =>
  member.replace(/(?<=googleapis\.com\/projects\/)([a-z][^/]*)/, (_, project: string) => world.numberOf(project));

/**
 * Lets the holder of a pool's token act as an account, if the account grants it.
 * https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
 */
export function impersonate(world: World, token: string, account: string): Readonly<Record<string, unknown>> {
  const found = world.in(IAM, 'serviceAccounts').find(({ body }) => body.email === account);
  if (found === undefined) throw new RehearsalRefusal(404, `Unknown service account ${account}`);
  if (!token.startsWith(FEDERATED)) throw unknownCaller('The caller does not have permission');
  const sets = listAt({ sets: decoded(token.slice(FEDERATED.length)) }, 'sets');
  const isGranted = world.policies
    .grants(`${IAM}/${found.path}`)
    .some(({ role, member }) => role === 'roles/iam.workloadIdentityUser' && sets.includes(byNumber(world, member)));
  if (!isGranted) throw unknownCaller("Permission 'iam.serviceAccounts.getAccessToken' denied on resource");
  return { accessToken: `as.${account}`, expireTime: new Date(world.now() + 3_600_000).toISOString() };
}
