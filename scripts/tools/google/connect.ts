import { GoogleAuth } from 'google-auth-library';
import { CliError } from './cli-error';
import { GoogleApi } from './google-api';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost):\d+$/;

/**
 * Connects to Google's APIs as the caller: with `GOOGLE_OAUTH_ACCESS_TOKEN`, which Terraform's provider takes too, or
 * application default credentials. `SRS_LIVE_GOOGLE_ENDPOINT` names a stand-in on this machine.
 */
export async function connect(quotaProject?: string): Promise<GoogleApi> {
  const endpoint = process.env.SRS_LIVE_GOOGLE_ENDPOINT;
  // A token is never sent to another host than Google's.
  if (endpoint !== undefined && !LOOPBACK.test(endpoint))
    throw new CliError(`SRS_LIVE_GOOGLE_ENDPOINT '${endpoint}': use http://127.0.0.1:<port>`);
  const token = tokenSource();
  await token();
  return new GoogleApi({
    token,
    ...(quotaProject !== undefined && { quotaProject }),
    ...(endpoint !== undefined && { endpoint, retryMs: [10, 10] }),
  });
}

function tokenSource(): () => Promise<string> {
  const given = process.env.GOOGLE_OAUTH_ACCESS_TOKEN;
  if (given !== undefined && given !== '') return async () => given;
  // Detects Google's machines by their BIOS: a request over the network delays others, and warns.
  process.env.METADATA_SERVER_DETECTION ??= 'bios-only';
  const auth = new GoogleAuth({ scopes: [SCOPE] });
  return async () => {
    const token = await auth.getAccessToken().catch(() => undefined);
    if (token !== undefined && token !== null) return token;
    throw new CliError(
      "no Google credentials: sign in with 'gcloud auth application-default login', or set " +
        'GOOGLE_APPLICATION_CREDENTIALS or GOOGLE_OAUTH_ACCESS_TOKEN',
    );
  };
}
