import { Construct } from 'constructs';
import { NODE } from '../../srs-image/render/node';
import { turnCloudInit } from '../../srs-image/render/turn-cloud-init';
import { TURN, turnUrls } from '../../srs-image/render/turnserver-conf';
import { zonesIn } from '../config/regions';
import type { EnvironmentConfig } from '../config/schema';
import { Identity } from '../constructs/functions/identity';
import type { Secret } from '../constructs/functions/secret';
import { ANYWHERE, IAP, type Network, type RegionalNetwork } from '../constructs/network/network';
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
  /** The same environment in its second region, which gets as many servers. @default none */
  readonly second?: Deployment | undefined;
}

const TAG = 'turn';

/** A region with servers, and the end of their names. */
interface Served {
  readonly place: Deployment;
  readonly network: RegionalNetwork;
  readonly suffix: string;
}

const thingsOf = ({ turn }: EnvironmentConfig): string[] =>
  Array.from({ length: turn.servers }, (_, index) => `turn-${index + 1}`);
const urlsOf = (config: EnvironmentConfig, suffix: string): string[] =>
  thingsOf(config).flatMap((thing) => turnUrls(`${thing}${suffix}.${config.domain}`));

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
    const { names, projectId, region, config, network, second } = props;
    const { servers } = config.turn;
    const here = { names, projectId, region };
    const places = [
      { place: here, network: network.home, suffix: '' },
      ...(second && network.second ? [{ place: second, network: network.second, suffix: '-b' }] : []),
    ];
    this.urls = places.flatMap(({ suffix }) => urlsOf(config, suffix));
    if (servers === 0) return;
    this.open();
    const identity = this.account(here);
    for (const one of places) this.serve(one, identity);
  }

  /** Makes the servers of a region. */
  private serve({ place, network, suffix }: Served, identity: Identity): void {
    const { config } = this.props;
    const zones = zonesIn(place.region, config);
    const template = this.template(place, network, suffix, identity);
    for (const [index, thing] of thingsOf(config).entries())
      new TurnServer(this, `${thing}${suffix}`, {
        ...place,
        network,
        template,
        thing,
        host: `${thing}${suffix}.${config.domain}`,
        dnsZone: config.dnsZone.name,
        zone: zones[index % zones.length] ?? '',
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

  private account(place: Deployment): Identity {
    const { images, secret, projectId } = this.props;
    const identity = new Identity(this, 'identity', place, 'turn', 'TURN servers');
    images.grantPull(identity);
    secret.grantRead(identity);
    new Telemetry(this, 'telemetry', projectId, identity);
    return identity;
  }

  private template(place: Deployment, network: RegionalNetwork, suffix: string, identity: Identity): VmTemplate {
    const { config, images, secret } = this.props;
    const { machineType, diskGigabytes, relayPorts, userQuota, maxKilobitsPerSecond } = config.turn;
    return new VmTemplate(this, `vm${suffix}`, {
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
        allowedPeers: this.props.network.nodeAddresses,
      }),
    });
  }
}
