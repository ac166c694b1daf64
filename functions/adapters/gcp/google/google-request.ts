import { z } from 'zod';
import { abortedAfter } from '../../awake-timer';

export interface GoogleRequest {
  method: 'GET' | 'POST';
  url: string;
  /** Sent as JSON. */
  body?: unknown;
  accessToken: string;
  timeoutMs: number;
}

/** The reason why Google refused. https://cloud.google.com/apis/design/errors#http_mapping */
const Refusal = z.object({ error: z.object({ message: z.string() }) });

/** Not `instanceof`: an error may come from another realm. */
const Caused = z.object({ cause: z.custom<Error>((cause) => typeof cause === 'object' && cause !== null) });

/** An answer that is none of 2xx; `code` is its status. */
export class GoogleRefusal extends Error {
  constructor(
    readonly code: number,
    answer: string,
  ) {
    super(`${code}: ${reasonIn(answer)}`);
  }
}

function reasonIn(answer: string): string {
  try {
    return Refusal.parse(JSON.parse(answer)).error.message;
  } catch {
    return answer.slice(0, 200);
  }
}

/**
 * One request to one of Google's REST APIs: the JSON it answers. Rejects with `GoogleRefusal`, or with the network's
 * own error.
 */
export async function googleRequest({ method, url, body, accessToken, timeoutMs }: GoogleRequest): Promise<unknown> {
  const headers = { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' };
  const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return abortedAfter(timeoutMs, async (signal) => {
    const response = await fetch(url, { ...sent, signal }).catch((error: unknown) => {
      // `fetch` says only that it failed; why is in its cause.
      throw Caused.safeParse(error).data?.cause ?? error;
    });
    const answer = await response.text();
    if (!response.ok) throw new GoogleRefusal(response.status, answer);
    return answer === '' ? undefined : JSON.parse(answer);
  });
}
