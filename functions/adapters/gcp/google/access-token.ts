/** The scope that calls of Google's APIs carry; everything else is a matter of IAM. */
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/**
 * OAuth access tokens of the account this process runs as (Application Default Credentials), renewed as they expire.
 * The library is loaded at the first call: it takes 35 ms, which a cold start does not have.
 */
export function googleAccessToken(): () => Promise<string> {
  let auth: Promise<{ getAccessToken(): Promise<string | null | undefined> }> | undefined;
  const load = async () => new (await import('google-auth-library')).GoogleAuth({ scopes: SCOPE });
  return async () => {
    auth ??= load();
    const token = await (await auth).getAccessToken();
    if (!token) throw new Error('no access token: this process has no credentials of Google');
    return token;
  };
}
