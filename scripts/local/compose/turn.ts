import { writeFile } from 'node:fs/promises';
import { turnserverConf } from '../../../srs-image/render/turnserver-conf';
import type { Ports } from '../ports';
import type { Compose } from './compose';
import { ComposeService } from './compose-service';

export interface TurnOptions {
  readonly compose: Compose;
  readonly ports: Pick<Ports, 'turn' | 'turnRelay'>;
  /** `TURN_CONF` of the Compose file. */
  readonly file: string;
  /** What signs credentials: the API's own. */
  readonly secret: string;
}

/** `TURN_URLS` of the functions on this machine. */
export const turnUrlsOf = (port: number): string =>
  JSON.stringify(['udp', 'tcp'].map((transport) => `turn:127.0.0.1:${port}?transport=${transport}`));

/** coturn with the configuration of the cloud, but on loopback and for media of this machine, which is denied there. */
export function composeTurn({ compose, ports, file, secret }: TurnOptions): ComposeService {
  const conf = turnserverConf({
    realm: 'localhost',
    relayPorts: ports.turnRelay,
    userQuota: 12,
    maxKilobitsPerSecond: 4000,
    allowedPeers: ['127.0.0.1'],
  }).replace(/^listening-port=.*$/m, `listening-port=${ports.turn}`);
  const own = ['listening-ip=127.0.0.1', 'relay-ip=127.0.0.1', 'allow-loopback-peers', `static-auth-secret=${secret}`];
  return new ComposeService({
    compose,
    service: 'turn',
    port: ports.turn,
    // The container's user is another one; the folder around it is this user's alone.
    prepare: () => writeFile(file, `${conf}${own.join('\n')}\n`, { mode: 0o644 }),
  });
}
