import type { HlsConfig } from 'hls.js';
import { path as pathOf, ROUTES } from '../../../functions/contract/routes';

/** The stream of a playlist of this host; none in a playlist of low latency, which is never encrypted. */
const STREAM = /^\/(?:open|gated)\/p\/([a-z0-9]{16})\//;

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** The form in which ClearKey is told the id of a key: https://www.w3.org/TR/eme-initdata-keyids/. */
const keyIdsOf = (kid: Uint8Array): ArrayBuffer =>
  new Uint8Array(new TextEncoder().encode(JSON.stringify({ kids: [base64Url(kid)] }))).buffer;

/**
 * Settings with which hls.js plays streams in `cbcs` and `cenc`: the browser's ClearKey asks the API for each key as
 * soon as a playlist names it, before its first segment is there. `sign`: as of `PlaybackSource`.
 */
export function clearKeyConfig(playlistPath: string, sign?: (url: string) => string): Partial<HlsConfig> {
  const [, id] = STREAM.exec(playlistPath) ?? [];
  if (id === undefined || !('MediaKeys' in window)) return {};
  const licenseUrl = pathOf(ROUTES.api.license, { id });
  return {
    emeEnabled: true,
    drmSystems: {
      'org.w3.clearkey': {
        licenseUrl,
        generateRequest: (initDataType, initData, { decryptdata }) =>
          decryptdata.keyId === null
            ? { initDataType, initData }
            : { initDataType: 'keyids', initData: keyIdsOf(decryptdata.keyId) },
      },
    },
    ...(sign && { licenseXhrSetup: (xhr, url) => xhr.open('POST', sign(url), true) }),
  };
}
