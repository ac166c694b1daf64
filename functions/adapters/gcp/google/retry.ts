import { z } from 'zod';
import type { Clock } from '../../../ports/stores';
import { systemClock } from '../../system';

/** Statuses after which the same request may well succeed. https://cloud.google.com/storage/docs/retry-strategy */
const TRANSIENT = [408, 500, 502, 503, 504];
/** The last one is `fetch`'s, of a connection that was closed before the answer. */
const TRANSIENT_NETWORK = ['ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'UND_ERR_SOCKET'];
/** 0.1 s and 0.4 s: a live playlist that is a second late is of no use to anybody. */
const DELAYS_MS = [100, 400];

/** Cloud Storage changes one name once a second. https://cloud.google.com/storage/quotas#objects */
const RATE_DELAY_MS = 1000;

export interface RetryOptions {
  /** Waits the second out after a 429, too. @default false: the caller writes what is newest by then */
  waitOutRate?: boolean;
  /** @default the system's */
  clock?: Pick<Clock, 'sleep'>;
  /** Aborted when nobody waits for the answer any more: nothing is sent again. @default never */
  signal?: AbortSignal;
}

const Failure = z.object({ code: z.union([z.number(), z.string()]) });

/** HTTP status or network error code of what a Google client threw. */
export const failureCode = (error: unknown): number | string | undefined => Failure.safeParse(error).data?.code;

/** Runs `request` again after a transient failure, at most twice; for requests that may safely be sent twice. */
export async function retrying<T>(
  request: () => Promise<T>,
  { clock = systemClock, waitOutRate = false, signal }: RetryOptions = {},
): Promise<T> {
  for (const delayMs of DELAYS_MS) {
    try {
      return await request();
    } catch (error) {
      const code = failureCode(error);
      const isRate = waitOutRate && code === 429;
      if ((!isRate && !isTransient(code)) || signal?.aborted) throw error;
      await clock.sleep(isRate ? RATE_DELAY_MS : delayMs);
    }
  }
  return request();
}

const isTransient = (code: number | string | undefined): boolean =>
  typeof code === 'string' ? TRANSIENT_NETWORK.includes(code) : code !== undefined && TRANSIENT.includes(code);
