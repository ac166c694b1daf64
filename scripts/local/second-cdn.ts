import { systemClock } from '../../functions/adapters/system';
import type { Cdns } from '../../functions/contract/objects/cdns';
import { PUBLIC_PREFIXES } from '../../functions/contract/routes';
import type { LocalService } from '../emulators/server/local-service';
import type { Blueprint, EdgeBlueprint } from './blueprint/blueprint';
import { edgeServer } from './edge/server';
import type { StackOptions } from './stack-options';

/**
 * The second CDN's address on loopback. A steering manifest replaces the host of a URL and never its port (rfc8216bis
 * 7.2), so both CDNs have the same port.
 */
export const SECOND_CDN_ADDRESS = '127.0.0.2';

/** Twenty minutes of a stream at 1 Mbit/s, as the first edge. */
const CACHE_BYTES = 192 << 20;

/**
 * The CDNs beside the edge, as the functions are told: the second one of this machine, if it was asked for. Those of
 * the environment's configuration are elsewhere, and have nothing of this machine.
 */
export const localCdns = ({ secondCdnWeight }: Pick<StackOptions, 'secondCdnWeight'>): Cdns =>
  secondCdnWeight === undefined ? [] : [{ name: 'second', host: SECOND_CDN_ADDRESS, weight: secondCdnWeight }];

/** The edge's blueprint, with the second CDN among the places where pages may read media. */
export function besideCdns(edge: EdgeBlueprint, cdns: Cdns, port: number): EdgeBlueprint {
  const origins = cdns.map(({ host }) => ` http://${host}:${port}`).join('');
  const widened = (value: string) => value.replace(/((?:connect|media)-src 'self')/g, `$1${origins}`);
  const widenedHeaders = (headers: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, widened(value)]));
  return {
    ...edge,
    routes: edge.routes.map((route) => ({ ...route, responseHeaders: widenedHeaders(route.responseHeaders) })),
  };
}

/**
 * A second CDN: what is open, with a cache of its own. It reads the bucket as the first one does, so each goes on
 * without the other.
 */
export function secondCdn({
  blueprint: { edge, buckets },
  ports,
  log,
}: Pick<StackOptions, 'ports' | 'log'> & { readonly blueprint: Blueprint }): LocalService {
  const open = edge.routes.filter((route) => 'pathPrefix' in route && route.pathPrefix === PUBLIC_PREFIXES.open);
  const { target: fallback } = open[0] ?? { target: edge.fallback };
  const service = edgeServer({
    port: ports.edge,
    address: SECOND_CDN_ADDRESS,
    edge: { ...edge, routes: open, fallback },
    buckets,
    store: new URL(`http://127.0.0.1:${ports.storage}`),
    functionPort: () => 0,
    nodePort: ports.agentPublic,
    signingKeysOf: () => [],
    cacheBytes: CACHE_BYTES,
    clock: systemClock,
    log,
  });
  return { ...service, name: 'second CDN' };
}
