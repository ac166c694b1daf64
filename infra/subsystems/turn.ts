import { Construct } from 'constructs';
import { NODE } from '../../srs-image/render/node';
import { turnCloudInit } from '../../srs-image/render/turn-cloud-init';
import { TURN, turnUrls } from '../../srs-image/render/turnserver-conf';
import type { EnvironmentConfig } from '../config/schema';
import { Identity } from '../constructs/functions/identity';
import type { Secret } from '../constructs/functions/secret';
import { ANYWHERE, IAP, type Network, NODE_ADDRESSES } from '../constructs/network/network';
import type { NodeImages } from '../constructs/nodes/node-images';
import { TurnServer } from '../constructs/nodes/turn-server';
import { VmTemplate } from '../constructs/nodes/vm-template';
import { Telemetry } from '../constructs/observability/telemetry';
import type { Deployment } from '../names';

export interface LiveTurnProps extends Deployment {
  readonly config: EnvironmentConfig;
  readonly network: Network;
  readonly images: NodeImages;
  /** The shared secrets that sign credentials. */
  readonly secret: Secret;
}

const TAG = 'turn';

/** TURN relays for browsers whose network blocks UDP: the servers, their open ports, and their grants. */
export class LiveTurn extends Construct {
  /** `turn:` URLs of all servers, as browsers take them. */
  readonly urls: readonly string[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: LiveTurnProps,
  ) {
    super(scope, id);
    const { names, projectId, region, config, network } = props;
    const { servers } = config.turn;
    const hosts = Array.from({ length: servers }, (_, index) => ({ thing: `turn-${index + 1}`, index }));
    this.urls = hosts.flatMap(({ thing }) => turnUrls(`${thing}.${config.domain}`));
    if (servers === 0) return;
    this.open();
    const template = this.template();
    for (const { thing, index } of hosts)
      new TurnServer(this, thing, {
        names,
        projectId,
        region,
        network,
        template,
        thing,
        host: `${thing}.${config.domain}`,
        dnsZone: config.dnsZone.name,
        zone: config.zones[index % config.zones.length] ?? '',
      });
  }

  /** Opens the listening ports and exactly the relay range: relayed packets come from peers anywhere. */
  private open(): void {
    const { first, last } = this.props.config.turn.relayPorts;
    this.props.network.open({
      thing: 'turn',
      tcp: [TURN.port, TURN.tcpPort],
      udp: [TURN.port, `${first}-${last}`],
      from: ANYWHERE,
      to: TAG,
    });
    this.props.network.open({ thing: 'turn-ssh', tcp: [22], from: IAP, to: TAG });
    // coturn's own list says the same: either alone is enough.
    this.props.network.confineUdp({ tag: TAG, ports: [NODE.rtcPort] });
  }

  private template(): VmTemplate {
    const { names, projectId, region, config, network, images, secret } = this.props;
    const place = { names, projectId, region };
    const { machineType, diskGigabytes, relayPorts, userQuota, maxKilobitsPerSecond } = config.turn;
    const identity = new Identity(this, 'identity', place, 'turn', 'TURN servers');
    images.grantPull(identity);
    secret.grantRead(identity);
    new Telemetry(this, 'telemetry', projectId, identity);
    return new VmTemplate(this, 'vm', {
      ...place,
      identity,
      network,
      machineType,
      diskGigabytes,
      thing: 'turn',
      tag: TAG,
      osImage: config.origin.osImage,
      userData: turnCloudInit({
        image: images.reference('turn', config.turn),
        secret: secret.resourceName,
        realm: config.domain,
        relayPorts,
        userQuota,
        maxKilobitsPerSecond,
        allowedPeers: [NODE_ADDRESSES],
      }),
    });
  }
}
