import { randomBytes } from 'node:crypto';
import { LIVE_APP } from '../../../functions/contract/ids';
import type { SrsRtc } from '../runtime/ports';

/** SRS holds the request while its hook is answered: 10 s for the cloud, 3 s for a takeover. */
const TIMEOUT_MS = 15_000;

const PATHS = { publish: '/rtc/v1/whip/', play: '/rtc/v1/whep/' } as const;
const SECRETS = { publish: 'key', play: 'token' } as const;

/**
 * SRS writes its version and an address of its memory into the line of the origin; any number will do there. RFC 8866,
 * 5.2.
 */
const withoutServer = (sdp: string): string =>
  sdp.replace(/^o=[^\r\n]*/m, `o=- ${randomBytes(8).readBigUInt64BE() >> 1n} 2 IN IP4 0.0.0.0`);

/**
 * SRS's WebRTC at `baseUrl`. Its answers name `nodeAddress` beside whatever SRS announces: by default SRS leaves
 * loopback out. Of the client's own query nothing goes on: with `ice-ufrag`, `ice-pwd`, `eip` or `candidate` it could
 * command SRS.
 */
export function httpSrsRtc(baseUrl: string, nodeAddress: string): SrsRtc {
  return {
    async offer({ kind, streamId, secret, ticket, address }, sdp) {
      const url = new URL(PATHS[kind], baseUrl);
      const shown = secret === undefined ? {} : { [SECRETS[kind]]: secret };
      const query = { app: LIVE_APP, stream: streamId, ...shown, ticket, eip: nodeAddress };
      url.search = new URLSearchParams(query).toString();
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp', 'x-forwarded-for': address },
        body: sdp,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'error',
      });
      const text = await answer.text();
      return answer.status === 201
        ? { kind: 'answered', sdp: withoutServer(text) }
        : { kind: 'failed', status: answer.status };
    },
  };
}
