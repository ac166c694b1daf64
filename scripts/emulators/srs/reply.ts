import { z } from 'zod';

const Accepted = z.object({ code: z.literal(0) });

/**
 * Returns whether SRS lets a client go on after this answer to a hook: status 200 or 201, and a body that is exactly
 * `0` or a JSON object with the integer 0 as `code`. Observed in SRS 5.0.216 and 6.0.157.
 */
export function isAccepted(status: number, body: string): boolean {
  if (status !== 200 && status !== 201) return false;
  return body === '0' || Accepted.safeParse(parseJson(body)).success;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
