import { lines } from './units';

/** Ports on which a TURN server listens. 443 over TCP too, for those whose firewall lets nothing else out. */
export const TURN = { port: 3478, tcpPort: 443, metricsPort: 9641 } as const;

export interface TurnserverConf {
  /** Realm of the credentials. */
  readonly realm: string;
  /** UDP ports of relayed flows, one an allocation. */
  readonly relayPorts: { readonly first: number; readonly last: number };
  /** Allocations one user may hold at a time. */
  readonly userQuota: number;
  /** The bandwidth of one allocation, each way. */
  readonly maxKilobitsPerSecond: number;
  /** Port of Prometheus metrics, on 127.0.0.1: the image's coturn has them, Debian's is built without. @default none */
  readonly metricsPort?: number;
  /**
   * Addresses or ranges (`10.0.0.2`, `10.0.0.0-10.0.0.255`) of media nodes: a flow is relayed to these, and to nobody
   * else. @default nobody
   */
  readonly allowedPeers?: readonly string[];
}

/**
 * Nobody is relayed to but an allowed peer, which wins over these: credentials are given to every viewer of an open
 * stream, and a relay to any public address would be everybody's.
 */
const DENIED_PEERS = ['0.0.0.0-255.255.255.255', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'];

/**
 * `turnserver.conf`, but for what only the VM knows: its addresses and the shared secrets, which are added at boot.
 * Valid for Debian's coturn 4.6 and the image's 4.17; credentials are the TURN REST form (an expiry in the user name,
 * signed with the shared secret).
 */
export function turnserverConf({
  realm,
  relayPorts,
  userQuota,
  maxKilobitsPerSecond,
  metricsPort,
  allowedPeers = [],
}: TurnserverConf): string {
  return lines(
    `listening-port=${TURN.port}`,
    `min-port=${relayPorts.first}`,
    `max-port=${relayPorts.last}`,
    `realm=${realm}`,
    'use-auth-secret',
    'fingerprint',
    'stale-nonce=600',
    `user-quota=${userQuota}`,
    `total-quota=${relayPorts.last - relayPorts.first + 1}`,
    // Bytes a second.
    `max-bps=${(maxKilobitsPerSecond * 1000) / 8}`,
    'no-tls',
    'no-dtls',
    'no-cli',
    'no-tcp-relay',
    'no-multicast-peers',
    'no-rfc5780',
    'no-software-attribute',
    'log-file=stdout',
    'simple-log',
    'pidfile=/tmp/turnserver.pid',
    'userdb=/tmp/turndb',
    ...(metricsPort === undefined
      ? []
      : ['prometheus', 'prometheus-address=127.0.0.1', `prometheus-port=${metricsPort}`]),
    ...allowedPeers.map((peer) => `allowed-peer-ip=${peer}`),
    ...DENIED_PEERS.map((peer) => `denied-peer-ip=${peer}`),
  );
}

/** Lists the URLs of a server for a browser, widest reach last. */
export const turnUrls = (host: string): string[] => [
  `turn:${host}:${TURN.port}?transport=udp`,
  `turn:${host}:${TURN.port}?transport=tcp`,
  `turn:${host}:${TURN.tcpPort}?transport=tcp`,
];
