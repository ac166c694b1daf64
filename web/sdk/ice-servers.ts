/**
 * One link of a `Link` header (RFC 8288, 3): its target, then parameters, whose values may be quoted and hold commas.
 */
const LINK = /<([^<>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";,]+))*)/g;
const PARAMETER = /;\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]+))/g;

/** The ICE servers a `Link` header names (RFC 9725, 4.6). */
export function iceServersOf(link: string): RTCIceServer[] {
  return [...link.matchAll(LINK)].flatMap(([, url = '', rest = '']) => {
    const { rel, username, credential } = parametersOf(rest);
    if (rel !== 'ice-server' || url === '') return [];
    return [username === undefined || credential === undefined ? { urls: url } : { urls: url, username, credential }];
  });
}

const parametersOf = (text: string): Partial<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(PARAMETER)].map(([, name = '', quoted, bare = '']) => [
      name.toLowerCase(),
      quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1'),
    ]),
  );
