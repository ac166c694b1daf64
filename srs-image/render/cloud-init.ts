import { mediaRules, srtRules } from './media-firewall';
import { NODE } from './node';
import {
  agentUnit,
  firewallScript,
  gateUnit,
  imageScript,
  MEDIA_FOLDERS,
  mediaMount,
  nodeEnvScript,
  oneshotUnit,
  SCRIPTS,
  srsUnit,
} from './units';
import { watchdogScript, watchdogUnit } from './watchdog';

export interface CloudInitProps {
  /** Image with SRS, its configuration, the agent and the gate, by a tag that never moves or by digest. */
  readonly image: string;
  /** Size of the tmpfs, in MiB. */
  readonly mediaMebibytes: number;
  /** Length of a segment, in seconds. */
  readonly segmentSeconds: number;
  /** The time that a stopping VM waits for the spool to empty, in seconds. */
  readonly drainSeconds: number;
  /** Networks that reach SRT; none: SRS does not take it. */
  readonly srtSources: readonly string[];
  /** False: SRS writes no segments, because nobody uploads them. @default true */
  readonly makesHls?: boolean;
}

/** Ports that the firewalls of a node let through; the VPC decides who gets to them. */
const OPEN = { tcp: [NODE.rtmpPort, NODE.proxyPort, NODE.publicPort], udp: [] };

/**
 * `user-data` of an SRS VM on Container-Optimized OS. Started in order: tmpfs → image and node environment → agent →
 * SRS → gate → watchdog. Stopped in reverse, so publishers leave, SRS flushes its last segments while the agent still
 * takes them, then the agent empties its spool. YAML takes JSON as it is, and JSON has no quoting traps. No shell or
 * systemd text here holds `${`: Terraform would read it.
 * https://cloud.google.com/container-optimized-os/docs/how-to/create-configure-instance#using_cloud-init_with_the_cloud_config_format
 */
export function cloudInit(props: CloudInitProps): string {
  const files = {
    [`${SCRIPTS}/node-env.sh`]: nodeEnvScript(),
    [`${SCRIPTS}/image.sh`]: imageScript(props.image, MEDIA_FOLDERS),
    [`${SCRIPTS}/firewall.sh`]: firewallScript(
      OPEN,
      ...mediaRules(NODE.rtcPort),
      ...srtRules(NODE.srtPort, props.srtSources),
    ),
    [`/etc/systemd/system/${mountUnitName()}`]: mediaMount(props.mediaMebibytes),
    '/etc/systemd/system/node-env.service': oneshotUnit('What this VM is', `${SCRIPTS}/node-env.sh`, [
      'network-online.target',
    ]),
    '/etc/systemd/system/node-firewall.service': oneshotUnit('Open ports', `${SCRIPTS}/firewall.sh`, [
      'docker.service',
    ]),
    '/etc/systemd/system/node-image.service': oneshotUnit('Image of SRS and agent', `${SCRIPTS}/image.sh`, [
      'network-online.target',
      'docker.service',
      mountUnitName(),
    ]),
    '/etc/systemd/system/agent.service': agentUnit(props),
    '/etc/systemd/system/srs.service': srsUnit(props),
    '/etc/systemd/system/gate.service': gateUnit(props),
    [`${SCRIPTS}/watchdog.sh`]: watchdogScript(),
    '/etc/systemd/system/watchdog.service': watchdogUnit(`${SCRIPTS}/watchdog.sh`),
  };
  return cloudConfig(files, [
    'systemctl start node-firewall.service',
    'systemctl start agent.service srs.service gate.service watchdog.service',
  ]);
}

/** Writes `files` at boot, then runs `start`. */
export function cloudConfig(files: Readonly<Record<string, string>>, start: readonly string[]): string {
  const writeFiles = Object.entries(files).map(([path, content]) => ({
    path,
    permissions: '0644',
    owner: 'root',
    content,
  }));
  const config = { write_files: writeFiles, runcmd: ['systemctl daemon-reload', ...start] };
  return `#cloud-config\n${JSON.stringify(config)}\n`;
}

/** systemd wants a mount unit to be called after its path. */
const mountUnitName = (): string => `${NODE.mediaMount.slice(1).replaceAll('/', '-')}.mount`;
