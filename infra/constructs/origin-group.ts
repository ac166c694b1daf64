import { ComputeInstanceTemplate } from '@cdktf/provider-google/lib/compute-instance-template';
import { ComputeRegionHealthCheck } from '@cdktf/provider-google/lib/compute-region-health-check';
import { ComputeRegionInstanceGroupManager } from '@cdktf/provider-google/lib/compute-region-instance-group-manager';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import { ROUTES } from '../../functions/contract/routes';
import { cloudInit } from '../../srs-image/render/cloud-init';
import { NODE } from '../../srs-image/render/node';
import type { Place } from '../names';
import type { Identity } from './identity';
import { ANYWHERE, HEALTH_CHECKS, type Network } from './network';

export interface OriginGroupProps extends Place {
  readonly identity: Identity;
  readonly network: Network;
  readonly zones: readonly string[];
  readonly machineType: string;
  readonly nodes: number;
  readonly image: string;
  readonly mediaMebibytes: number;
  readonly diskGigabytes: number;
  /** The JSON of `AgentEnv`. */
  readonly agentEnv: string;
}

/** A long-term release of Container-Optimized OS: konlet's `gce-container-declaration` is gone, cloud-init stays. */
const OS_IMAGE = 'projects/cos-cloud/global/images/family/cos-121-lts';

/** Shorter than the 120 s between a soft and a hard power off. */
const DRAIN_SECONDS = 90;

/** Boot and image pull take about a minute; a younger node is not judged. */
const BOOT_SECONDS = 180;

const TAG = 'srs-origin';

/** VMs that take publishers: SRS and agent on Container-Optimized OS, in a regional group that replaces broken ones. */
export class OriginGroup extends Construct {
  readonly instanceGroup: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: OriginGroupProps,
  ) {
    super(scope, id);
    const { names, projectId: project, region, network, zones, nodes } = props;
    network.open({ thing: 'rtmp', protocol: 'tcp', ports: [NODE.rtmpPort], from: ANYWHERE, to: TAG });
    network.open({ thing: 'health', protocol: 'tcp', ports: [NODE.rtmpPort, NODE.publicPort], from: HEALTH_CHECKS, to: TAG });
    this.grantTelemetry();
    const group = new ComputeRegionInstanceGroupManager(this, 'group', {
      project,
      region,
      name: names.resource('origin'),
      baseInstanceName: names.resource('origin'),
      version: [{ name: 'current', instanceTemplate: this.template().selfLinkUnique }],
      targetSize: nodes,
      distributionPolicyZones: [...zones],
      namedPort: [{ name: 'rtmp', port: NODE.rtmpPort }],
      autoHealingPolicies: { healthCheck: this.agentHealth(), initialDelaySec: BOOT_SECONDS },
      // A new template waits until nodes are drained: a rolling replacement would cut every publisher.
      updatePolicy: {
        type: 'OPPORTUNISTIC',
        minimalAction: 'REPLACE',
        replacementMethod: 'SUBSTITUTE',
        instanceRedistributionType: 'NONE',
        // Fixed numbers have to be 0 or at least the number of zones.
        maxSurgeFixed: zones.length,
        maxUnavailableFixed: 0,
      },
    });
    this.instanceGroup = group.instanceGroup;
  }

  private template(): ComputeInstanceTemplate {
    const { names, projectId: project, region, identity, network, machineType, diskGigabytes } = this.props;
    return new ComputeInstanceTemplate(this, 'template', {
      project,
      region,
      namePrefix: names.templatePrefix('origin'),
      machineType,
      tags: [TAG],
      disk: [{ sourceImage: OS_IMAGE, boot: true, autoDelete: true, diskSizeGb: diskGigabytes, diskType: 'pd-balanced' }],
      networkInterface: [{ subnetwork: network.subnetworkId, accessConfig: [{ networkTier: 'PREMIUM' }] }],
      serviceAccount: { email: identity.email, scopes: ['cloud-platform'] },
      shieldedInstanceConfig: { enableSecureBoot: true, enableVtpm: true, enableIntegrityMonitoring: true },
      metadata: this.metadata(),
      labels: { ...names.labels('origin') },
      lifecycle: { createBeforeDestroy: true },
    });
  }

  private metadata(): Record<string, string> {
    const { image, mediaMebibytes, agentEnv } = this.props;
    return {
      'user-data': cloudInit({ image, mediaMebibytes, drainSeconds: DRAIN_SECONDS }),
      'agent-env': agentEnv,
      // The OS would restart itself for an update, in the middle of a broadcast.
      'cos-update-strategy': 'update_disabled',
      'google-logging-enabled': 'true',
      'block-project-ssh-keys': 'true',
      'enable-oslogin': 'true',
      'serial-port-enable': 'false',
    };
  }

  /** Asked of the agent on the node's own address. Stricter than the load balancer's: failing this one costs the VM its life. */
  private agentHealth(): string {
    const { names, projectId: project, region } = this.props;
    return new ComputeRegionHealthCheck(this, 'agent-health', {
      project,
      region,
      name: names.resource('origin-agent'),
      checkIntervalSec: 10,
      timeoutSec: 5,
      healthyThreshold: 1,
      unhealthyThreshold: 6,
      httpHealthCheck: { port: NODE.publicPort, requestPath: ROUTES.agent.healthz },
    }).id;
  }

  private grantTelemetry(): void {
    const { projectId: project, identity } = this.props;
    for (const [id, role] of [
      ['logs', 'roles/logging.logWriter'],
      ['metrics', 'roles/monitoring.metricWriter'],
    ] as const)
      new ProjectIamMember(this, id, { project, role, member: identity.member });
  }
}
