import type { StreamId } from '../../contract/ids';
import { type Cdns, MAIN_CDN, STEERING_TTL_SECONDS, type SteeringManifest } from '../../contract/objects/cdns';
import { steeringName, urlPathOf } from '../../contract/objects/layout';

/** The pathways of an environment: the main CDN and the others, by falling weight; the main one first among equals. */
export function pathwaysOf(cdns: Cdns): string[] {
  const weights = cdns.map(({ name, weight }) => ({ name, weight }));
  const rest = 100 - cdns.reduce((sum, { weight }) => sum + weight, 0);
  return [{ name: MAIN_CDN, weight: rest }, ...weights].sort((a, b) => b.weight - a.weight).map(({ name }) => name);
}

/** FNV-1a: the same stream is always in the same hundredth. */
function hundredthOf(id: StreamId): number {
  let hash = 0x811c9dc5;
  for (const character of id) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) % 100;
}

/** The CDN where viewers of a stream begin, by the weights. */
export function firstCdnOf(id: StreamId, cdns: Cdns): string {
  const hundredth = hundredthOf(id);
  let upTo = 0;
  for (const { name, weight } of cdns) {
    upTo += weight;
    if (hundredth < upTo) return name;
  }
  return MAIN_CDN;
}

/**
 * The steering manifest of the streams that begin on `first`. `priority`: the order an operator set for all streams;
 * CDNs it does not name come after it.
 */
export function steeringManifest(cdns: Cdns, first: string, priority: readonly string[] = [first]): SteeringManifest {
  const all = pathwaysOf(cdns);
  const named = priority.filter((name) => all.includes(name));
  return {
    VERSION: 1,
    TTL: STEERING_TTL_SECONDS,
    'PATHWAY-PRIORITY': [...named, ...all.filter((name) => !named.includes(name))],
    'PATHWAY-CLONES': cdns.map(({ name, host }) => ({
      'BASE-ID': MAIN_CDN,
      ID: name,
      'URI-REPLACEMENT': { HOST: host },
    })),
  };
}

const TAG = '#EXT-X-CONTENT-STEERING:';
const PATHWAY = `,PATHWAY-ID="${MAIN_CDN}"`;

/** An index without what `steered` added. */
export const unsteered = (index: string): string =>
  index
    .split('\n')
    .filter((line) => !line.startsWith(TAG))
    .map((line) => (line.startsWith('#EXT-X-STREAM-INF:') ? line.replace(PATHWAY, '') : line))
    .join('\n');

/**
 * The index of an open stream as its players are steered: the tag behind EXT-X-VERSION, and the pathway of its variants
 * (rfc8216bis 4.4.6.6). Without other CDNs the index stays as it is, byte for byte.
 */
export function steered(index: string, id: StreamId, cdns: Cdns): string {
  if (cdns.length === 0) return index;
  const uri = urlPathOf(steeringName(firstCdnOf(id, cdns)));
  return index
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith('#EXT-X-VERSION:')) return [line, `${TAG}SERVER-URI="${uri}",PATHWAY-ID="${MAIN_CDN}"`];
      return line.startsWith('#EXT-X-STREAM-INF:') ? [`${line}${PATHWAY}`] : [line];
    })
    .join('\n');
}
