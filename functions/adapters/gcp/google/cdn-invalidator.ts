import { z } from 'zod';
import { defined } from '../../../core/defined';
import type { CdnInvalidator } from '../../../ports/stores';
import { GoogleRefusal, googleRequest } from './google-request';

const REQUEST_TIMEOUT_MS = 5000;

export interface CdnInvalidatorOptions {
  projectId: string;
  /** The URL map of the public host. */
  urlMap: string;
  /** A stand-in on this machine. @default Google's */
  apiEndpoint?: string | undefined;
  /** Answers a token of the account that this process runs as. */
  accessToken: () => Promise<string>;
}

const Operation = z.object({ name: z.string(), status: z.string() });

/**
 * A quota that is used up is 429, or 403 with one of these reasons.
 * https://cloud.google.com/compute/docs/reference/rest/v1#errors
 */
const QUOTA = /rateLimitExceeded|quota|RESOURCE_EXHAUSTED/i;

/**
 * Cloud CDN by Compute Engine's REST API.
 * https://cloud.google.com/compute/docs/reference/rest/v1/urlMaps/invalidateCache
 */
export function computeCdnInvalidator({
  projectId,
  urlMap,
  apiEndpoint,
  accessToken,
}: CdnInvalidatorOptions): CdnInvalidator {
  const origin = (apiEndpoint ?? 'https://compute.googleapis.com').replace(/\/$/, '');
  const base = `${origin}/compute/v1/projects/${projectId}/global`;
  const ask = async (method: 'GET' | 'POST', path: string, body?: unknown) => {
    const answer = await googleRequest({
      method,
      url: `${base}/${path}`,
      accessToken: apiEndpoint === undefined ? await accessToken() : 'stand-in',
      timeoutMs: REQUEST_TIMEOUT_MS,
      ...defined({ body }),
    });
    return Operation.parse(answer);
  };
  return {
    async request(path) {
      try {
        return { kind: 'accepted', operation: (await ask('POST', `urlMaps/${urlMap}/invalidateCache`, { path })).name };
      } catch (error) {
        if (!(error instanceof GoogleRefusal) || !isQuota(error)) throw error;
        return { kind: 'quota', detail: error.message };
      }
    },
    isDone: async (operation) => (await ask('GET', `operations/${operation}`)).status === 'DONE',
  };
}

const isQuota = ({ code, message }: GoogleRefusal): boolean => code === 429 || (code === 403 && QUOTA.test(message));
