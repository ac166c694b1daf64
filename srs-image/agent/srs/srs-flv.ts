import { Readable } from 'node:stream';
import { LIVE_APP } from '../../../functions/contract/ids';
import type { SrsFlv } from '../runtime/ports';

/**
 * SRS answers with the first media: after its hook (10 s at most), and of a WHIP publisher after the sender report of
 * each track (5 s apart).
 */
const TIMEOUT_MS = 20_000;

/** `baseUrl`: SRS's web server on 127.0.0.1, or nothing. */
export function httpSrsFlv(baseUrl: string | undefined): SrsFlv {
  return {
    async play({ streamId, secret, ticket, signal }) {
      if (baseUrl === undefined) return undefined;
      const url = new URL(`/${LIVE_APP}/${streamId}.flv`, baseUrl);
      url.search = new URLSearchParams({ ...(secret === undefined ? {} : { token: secret }), ticket }).toString();
      const waiting = new AbortController();
      const timer = setTimeout(
        () => waiting.abort(new Error(`SRS sent nothing for ${TIMEOUT_MS / 1000} s`)),
        TIMEOUT_MS,
      );
      try {
        const answer = await fetch(url, {
          signal: signal ? AbortSignal.any([signal, waiting.signal]) : waiting.signal,
          redirect: 'error',
        });
        if (answer.status === 200 && answer.body !== null) return Readable.from(answer.body);
        await answer.body?.cancel();
        throw new Error(`SRS answered HTTP-FLV with ${answer.status}`);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
