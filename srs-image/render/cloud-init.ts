import { NODE } from './node';
import { agentUnit, firewallScript, imageScript, mediaMount, nodeEnvScript, oneshotUnit, srsUnit } from './units';

export interface CloudInitProps {
  /** Image with SRS, its configuration and the agent, by a tag that never moves or by digest. */
  readonly image: string;
  /** Size of the tmpfs, in MiB. */
  readonly mediaMebibytes: number;
  /** How long a stopping VM waits for the spool to empty, in seconds. */
  readonly drainSeconds: number;
}

/** Folder of scripts: executable by `bash <file>` only, because Container-Optimized OS mounts it noexec. */
const SCRIPTS = '/var/lib/srs-live';

/**
 * `user-data` of an SRS VM on Container-Optimized OS. Started in order: tmpfs → image and node environment → agent → SRS.
 * Stopped in reverse, so SRS flushes its last segments while the agent still takes them, then the agent empties its spool.
 * YAML takes JSON as it is, and JSON has no quoting traps. No shell or systemd text here holds `${`: Terraform would read it.
 * https://cloud.google.com/container-optimized-os/docs/how-to/create-configure-instance#using_cloud-init_with_the_cloud_config_format
 */
export function cloudInit(props: CloudInitProps): string {
  const files = {
    [`${SCRIPTS}/node-env.sh`]: nodeEnvScript(),
    [`${SCRIPTS}/image.sh`]: imageScript(props.image),
    [`${SCRIPTS}/firewall.sh`]: firewallScript(),
    [`/etc/systemd/system/${mountUnitName()}`]: mediaMount(props.mediaMebibytes),
    '/etc/systemd/system/node-env.service': oneshotUnit('What this VM is', `${SCRIPTS}/node-env.sh`, ['network-online.target']),
    '/etc/systemd/system/node-firewall.service': oneshotUnit('Open ports', `${SCRIPTS}/firewall.sh`, ['docker.service']),
    '/etc/systemd/system/node-image.service': oneshotUnit('Image of SRS and agent', `${SCRIPTS}/image.sh`, [
      'network-online.target',
      'docker.service',
      mountUnitName(),
    ]),
    '/etc/systemd/system/agent.service': agentUnit(props),
    '/etc/systemd/system/srs.service': srsUnit(props),
  };
  return `#cloud-config\n${JSON.stringify({
    write_files: Object.entries(files).map(([path, content]) => ({ path, permissions: '0644', owner: 'root', content })),
    runcmd: ['systemctl daemon-reload', 'systemctl start node-firewall.service', 'systemctl start agent.service srs.service'],
  })}\n`;
}

/** systemd wants a mount unit to be called after its path. */
const mountUnitName = (): string => `${NODE.mediaMount.slice(1).replaceAll('/', '-')}.mount`;
