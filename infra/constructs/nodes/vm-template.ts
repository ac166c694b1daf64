import { ComputeInstanceTemplate } from '@cdktf/provider-google/lib/compute-instance-template';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { Identity } from '../functions/identity';
import type { RegionalNetwork } from '../network/network';

export interface VmTemplateProps extends Deployment {
  /** Last part of the names of its VMs. */
  readonly thing: string;
  /** Network tag, which firewall rules name. */
  readonly tag: string;
  readonly identity: Identity;
  readonly network: RegionalNetwork;
  readonly machineType: string;
  /** Image or family of Container-Optimized OS: konlet's `gce-container-declaration` is gone, cloud-init stays. */
  readonly osImage: string;
  readonly diskGigabytes: number;
  readonly userData: string;
  /** Metadata of its own. @default none */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A template for VMs: shielded, on Container-Optimized OS without updates, and closed to SSH keys of the project. */
export class VmTemplate extends Construct {
  /** A link that is new with every change: Google's templates cannot be edited. */
  readonly selfLink: string;

  constructor(scope: Construct, id: string, props: VmTemplateProps) {
    super(scope, id);
    const { names, projectId: project, region, thing, identity, network } = props;
    this.selfLink = new ComputeInstanceTemplate(this, 'template', {
      project,
      region,
      namePrefix: names.templatePrefix(thing),
      machineType: props.machineType,
      tags: [props.tag],
      disk: [
        {
          sourceImage: props.osImage,
          boot: true,
          autoDelete: true,
          diskSizeGb: props.diskGigabytes,
          diskType: diskType(props.machineType),
          labels: { ...names.labels(thing) },
        },
      ],
      networkInterface: [{ subnetwork: network.subnetworkId, accessConfig: [{ networkTier: 'PREMIUM' }] }],
      serviceAccount: { email: identity.email, scopes: ['cloud-platform'] },
      shieldedInstanceConfig: { enableSecureBoot: true, enableVtpm: true, enableIntegrityMonitoring: true },
      scheduling: { automaticRestart: true, onHostMaintenance: 'MIGRATE' },
      metadata: { ...LOCKED_DOWN, 'user-data': props.userData, ...props.metadata },
      labels: { ...names.labels(thing) },
      lifecycle: { createBeforeDestroy: true },
    }).selfLinkUnique;
  }
}

/**
 * Families since the fourth generation take Hyperdisk only.
 * https://cloud.google.com/compute/docs/disks/hyperdisks#machine-type-support
 */
const diskType = (machineType: string): string =>
  /^[a-z]+4[a-z]*-/.test(machineType) ? 'hyperdisk-balanced' : 'pd-balanced';

const LOCKED_DOWN = {
  // The OS would restart itself for an update, in the middle of a broadcast.
  'cos-update-strategy': 'update_disabled',
  'google-logging-enabled': 'true',
  // Memory and disk, which Compute Engine cannot see from outside.
  'google-monitoring-enabled': 'true',
  'block-project-ssh-keys': 'true',
  'enable-oslogin': 'true',
  'serial-port-enable': 'false',
};
