import { turnserverConf } from '../../../srs-image/render/turnserver-conf';
import type { Ports } from '../ports';

export interface LocalTurn {
  readonly ports: Pick<Ports, 'turn' | 'turnRelay'>;
  /** The secret that signs credentials, the same as the API's. */
  readonly secret: string;
}

/** `TURN_URLS` of the functions on this machine. */
export const turnUrlsOf = (port: number): string =>
  JSON.stringify(['udp', 'tcp'].map((transport) => `turn:127.0.0.1:${port}?transport=${transport}`));

/** Returns the configuration of the cloud, but on loopback, and for media of this machine, which the cloud denies. */
export function localTurnConf({ ports, secret }: LocalTurn): string {
  const conf = turnserverConf({
    realm: 'localhost',
    relayPorts: ports.turnRelay,
    userQuota: 12,
    maxKilobitsPerSecond: 4000,
    allowedPeers: ['127.0.0.1'],
  }).replace(/^listening-port=.*$/m, `listening-port=${ports.turn}`);
  const own = ['listening-ip=127.0.0.1', 'relay-ip=127.0.0.1', 'allow-loopback-peers', `static-auth-secret=${secret}`];
  return `${conf}${own.join('\n')}\n`;
}
