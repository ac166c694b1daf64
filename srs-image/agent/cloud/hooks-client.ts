import { abortedAfter } from '../../../functions/adapters/awake-timer';
import type { HooksClient } from '../runtime/ports';

/** A warm function answers in milliseconds; after this another instance may be quicker. */
const TRY_TIMEOUT_MS = 1500;

const json = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** srs-hooks over HTTP with an ID token, as Cloud Run's IAM wants it. */
export function httpHooksClient(baseUrl: string, idToken: () => Promise<string>): HooksClient {
  const base = baseUrl.replace(/\/$/, '');
  return {
    post: (path, body) =>
      abortedAfter(TRY_TIMEOUT_MS, async (signal) => {
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${await idToken()}` };
        const sent = { method: 'POST', headers, body: JSON.stringify(body), signal } as const;
        const answer = await fetch(`${base}${path}`, { ...sent, redirect: 'error' });
        return { status: answer.status, body: json(await answer.text()) };
      }),
  };
}
