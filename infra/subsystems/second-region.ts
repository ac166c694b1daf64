import { Construct } from 'constructs';
import type { RegionalIngest } from '../../functions/contract/env/ingests';
import type { EnvironmentConfig } from '../config/schema';
import type { FunctionBuild } from '../constructs/functions/function-build';
import { Ingest } from '../constructs/network/ingest';
import { IngestSteering } from '../constructs/network/ingest-steering';
import type { Network } from '../constructs/network/network';
import type { Deployment } from '../names';
import { LiveFunctions, type LiveFunctionsProps } from './functions';
import { LiveNodes, type LiveNodesProps } from './nodes';

/** A region, and the host of its ingest. */
interface IngestHost {
  readonly region: string;
  readonly host: string;
}

/** Returns the host that encoders connect to: with two regions, DNS answers with the nearer one that is well. */
export const ingestHost = ({ domain }: EnvironmentConfig): string => `ingest.${domain}`;

/** Returns the host of each region's own ingest; nothing for one region, whose ingest has no other name. */
export const ingestsOf = ({ regions, domain }: EnvironmentConfig): IngestHost[] =>
  regions.length < 2
    ? []
    : regions.map((region, index) => ({ region, host: `ingest-${index === 0 ? 'a' : 'b'}.${domain}` }));

/** Returns what an encoder's server field takes. */
export const rtmpServer = (host: string): string => `rtmp://${host}/live`;

export const serversOf = (ingests: readonly IngestHost[]): RegionalIngest[] =>
  ingests.map(({ region, host }) => ({ region, server: rtmpServer(host) }));

type FunctionsOfBoth = Omit<LiveFunctionsProps, keyof Deployment | 'build' | 'ingests' | 'connector' | 'home'>;
type NodesOfBoth = Omit<LiveNodesProps, keyof Deployment | 'hooks' | 'isSecond'>;

export interface SecondRegionProps extends Deployment {
  readonly functions: FunctionsOfBoth;
  readonly nodes: NodesOfBoth;
  readonly build: LiveFunctionsProps['build'] & Pick<FunctionBuild, 'repository'>;
  /** The functions of the home region, whose accounts the ones here have. */
  readonly home: LiveFunctions;
  readonly network: Network;
  readonly ingests: readonly IngestHost[];
  /** The ingest of the home region. */
  readonly ingest: Ingest;
}

/**
 * The parts of an environment that stand in its second region too: nodes, their ingest, and the functions that publish,
 * deliver and answer. Nodes call the functions of their own region, so that neither region needs the other. The host of
 * the ingest is steered here, because one region needs no steering.
 */
export class SecondRegion extends Construct {
  readonly functions: LiveFunctions;
  /** The groups that take publishers. */
  readonly instanceGroups: readonly string[];
  /** The groups whose nodes answer viewers. */
  readonly viewerGroups: readonly string[];

  constructor(scope: Construct, id: string, props: SecondRegionProps) {
    super(scope, id);
    const { names, projectId, region, home, network, build, ingests } = props;
    const place = { names, projectId, region };
    const { config } = props.nodes;
    this.functions = new LiveFunctions(this, 'functions', {
      ...place,
      ...props.functions,
      home,
      build,
      ingests: serversOf([...ingests].reverse()),
      connector: network.second?.connectorId ?? '',
    });
    const nodes = new LiveNodes(this, 'origins', {
      ...place,
      ...props.nodes,
      hooks: this.functions.srsHooks,
      isSecond: true,
    });
    this.instanceGroups = [nodes.instanceGroup];
    this.viewerGroups = nodes.viewerGroups;
    const dnsZone = config.dnsZone.name;
    const { instanceGroup } = nodes;
    const ingest = new Ingest(this, 'ingest', { ...place, instanceGroup, dnsZone, host: ingests[1]?.host ?? '' });
    const addresses = [props.ingest.address, ingest.address];
    new IngestSteering(this, 'ingest-steering', {
      ...place,
      dnsZone,
      host: ingestHost(config),
      ingests: config.regions.map((one, index) => ({ region: one, address: addresses[index] ?? '' })),
    });
  }
}
