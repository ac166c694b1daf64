/** An `RTCIceServer`: https://www.w3.org/TR/webrtc/#dom-rtciceserver */
export interface IceServer {
  urls: readonly string[];
  username?: string;
  credential?: string;
}

const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;

/** Values of `Link` headers that tell a WHIP or WHEP client its ICE servers, one a URL (RFC 9725, 4.6). */
export function linksOf(servers: readonly IceServer[]): string[] {
  return servers.flatMap(({ urls, username, credential }) => {
    const secret =
      username === undefined || credential === undefined
        ? ''
        : `; username=${quoted(username)}; credential=${quoted(credential)}; credential-type="password"`;
    return urls.map((url) => `<${url}>; rel="ice-server"${secret}`);
  });
}
