import { NODE } from './node';

/** The texts of an SRS VM's units and scripts. All of them are complete files. */

/** Folder of scripts: executable by `bash <file>` only, because Container-Optimized OS mounts it noexec. */
export const SCRIPTS = '/var/lib/srs-live';

export const MEDIA_FOLDERS =
  `install -d -m 0700 -o ${NODE.uid} -g ${NODE.uid} ` + `${NODE.mediaMount}/hls ${NODE.mediaMount}/spool`;
const MEDIA_UNIT = 'mnt-disks-media.mount';
export const ENV_FOLDER = '/run/srs-live';

/** HLS and spool, in memory: a segment lives seconds here. */
export const mediaMount = (mebibytes: number): string =>
  lines(
    '[Unit]',
    'Description=HLS and spool, in memory',
    '[Mount]',
    'What=tmpfs',
    `Where=${NODE.mediaMount}`,
    'Type=tmpfs',
    `Options=size=${mebibytes}m,mode=0755,nodev,nosuid,noexec`,
  );

/** Shell's way to ask the VM's metadata server. */
export const METADATA =
  "metadata() { curl -fsS --retry 30 --retry-delay 1 --retry-connrefused -H 'Metadata-Flavor: Google' " +
  '"http://metadata.google.internal/computeMetadata/v1/instance/$1"; }';

/**
 * Writes what differs from VM to VM, from its own metadata, into files that `docker run --env-file` reads: no quotes,
 * one line a value.
 */
export const nodeEnvScript = (): string =>
  lines(
    'set -eu',
    'umask 077',
    METADATA,
    'name=$(metadata name)',
    'address=$(metadata network-interfaces/0/ip)',
    'external=$(metadata network-interfaces/0/access-configs/0/external-ip)',
    'agent_env=$(metadata attributes/agent-env)',
    'gate_env=$(metadata attributes/gate-env)',
    `mkdir -p ${ENV_FOLDER}`,
    "printf 'NODE_ID=%s\\nNODE_ADDRESS=%s\\nNODE_EXTERNAL_ADDRESS=%s\\n" +
      "LISTEN_ADDRESS=0.0.0.0\\nAGENT_ENV_WATCHED=true\\nAGENT_ENV=%s\\n' " +
      `"$name" "$address" "$external" "$agent_env" > ${ENV_FOLDER}/agent.env`,
    `printf 'GATE_ENV=%s\\n' "$gate_env" > ${ENV_FOLDER}/gate.env`,
    `printf 'SRS_SERVER_ID=%s\\nCANDIDATE=%s\\n' "$name" "$external" > ${ENV_FOLDER}/srs.env`,
  );

/**
 * Pulls once a boot, so that a restart of a container never waits for the registry. Never gives up: nothing would start
 * it again.
 */
export const imageScript = (image: string, ...then: string[]): string =>
  lines(
    'set -eu',
    'export HOME=/var/lib/srs-live',
    `/usr/bin/docker-credential-gcr configure-docker --registries=${image.split('/')[0] ?? ''}`,
    `until /usr/bin/docker pull ${image}; do sleep 2; done`,
    ...then,
  );

/**
 * Container-Optimized OS lets nothing in but SSH; who may reach these ports is the VPC firewall's. A range is
 * `first:last`.
 */
export const firewallScript = (
  open: { readonly tcp: readonly (number | string)[]; readonly udp: readonly (number | string)[] },
  ...more: readonly string[]
): string =>
  lines(
    'set -eu',
    ...Object.entries(open)
      .filter(([, ports]) => ports.length > 0)
      .map(
        ([protocol, ports]) => `iptables -w -A INPUT -p ${protocol} -m multiport --dports ${ports.join(',')} -j ACCEPT`,
      ),
    ...more,
  );

export const oneshotUnit = (description: string, script: string, after: readonly string[]): string =>
  lines(
    '[Unit]',
    `Description=${description}`,
    `Requires=${after.join(' ')}`,
    `After=${after.join(' ')}`,
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=true',
    `ExecStart=/bin/bash ${script}`,
  );

/** Nothing to write to but /tmp, nothing to gain, and logs that do not fill the disk: Docker's own keep everything. */
export const CONFINED =
  '--network host --cap-drop ALL --security-opt no-new-privileges --read-only ' +
  '--tmpfs /tmp:rw,nosuid,nodev,noexec,size=16m --log-driver json-file --log-opt max-size=50m --log-opt max-file=2';

const NEEDED = `docker.service node-env.service node-image.service ${MEDIA_UNIT}`;

interface Container {
  readonly name: string;
  readonly description: string;
  readonly unit: readonly string[];
  readonly before: readonly string[];
  readonly run: string;
  /** The time it gets to end by itself, in seconds. */
  readonly stopSeconds: number;
}

const containerUnit = ({ name, description, unit, before, run, stopSeconds }: Container): string =>
  lines(
    '[Unit]',
    `Description=${description}`,
    `Requires=${NEEDED}`,
    // Without a limit: systemd's own gives up for good after five starts in ten seconds.
    'StartLimitIntervalSec=0',
    ...unit,
    '[Service]',
    `ExecStartPre=-/usr/bin/docker rm --force ${name}`,
    ...before,
    `ExecStart=/usr/bin/docker run --rm --name ${name} ${CONFINED} --user ${NODE.uid}:${NODE.uid} ` +
      `--volume ${NODE.mediaMount}:/media ${run}`,
    `ExecStop=/usr/bin/docker stop --time ${stopSeconds} ${name}`,
    `TimeoutStopSec=${stopSeconds + 10}`,
    'Restart=always',
    'RestartSec=1',
  );

export const agentUnit = ({ image, drainSeconds }: { image: string; drainSeconds: number }): string =>
  containerUnit({
    name: 'agent',
    description: 'Uploads segments, admits publishers',
    unit: [`After=${NEEDED}`],
    before: [],
    run: `--env-file ${ENV_FOLDER}/agent.env ${image} node ${NODE.agentBundle}`,
    stopSeconds: drainSeconds,
  });

interface SrsUnitProps {
  readonly image: string;
  readonly segmentSeconds: number;
  readonly srtSources: readonly string[];
  readonly makesHls?: boolean;
}

/**
 * A restart of the agent leaves SRS and its publishers alone: `Wants` and not `Requires`. It starts once the agent
 * answers hooks.
 */
export const srsUnit = ({ image, segmentSeconds, srtSources, makesHls = true }: SrsUnitProps): string =>
  containerUnit({
    name: 'srs',
    description: 'Media server',
    unit: ['Wants=agent.service', `After=${NEEDED} agent.service`],
    before: [
      'ExecStartPre=/usr/bin/curl --silent --output /dev/null --retry 60 --retry-delay 1 --retry-connrefused ' +
        `http://127.0.0.1:${NODE.hooksPort}/`,
    ],
    run:
      `--env-file ${ENV_FOLDER}/srs.env --env SRS_VHOST_HLS_HLS_FRAGMENT=${segmentSeconds}` +
      `${srtSources.length === 0 ? ' --env SRS_SRT_SERVER_ENABLED=off' : ''}` +
      `${makesHls ? '' : ' --env SRS_VHOST_HLS_ENABLED=off'} ` +
      `--ulimit nofile=${NODE.srsOpenFiles}:${NODE.srsOpenFiles} ${image} ` +
      `/bin/bash ${NODE.srsScript} ${NODE.srsProgram} ${NODE.srsConf}`,
    stopSeconds: 15,
  });

/**
 * Stopped before SRS, so that SRS says its last words while the agent hears them. It does not need SRS to begin: a
 * client that comes before SRS is there is refused, and comes again.
 */
export const gateUnit = ({ image }: { image: string }): string =>
  containerUnit({
    name: 'gate',
    description: 'Judges RTMP before SRS sees it',
    unit: [`After=${NEEDED} agent.service srs.service`],
    before: [],
    run:
      `--env-file ${ENV_FOLDER}/gate.env --ulimit nofile=${NODE.srsOpenFiles}:${NODE.srsOpenFiles} ` +
      `${image} node ${NODE.gateBundle}`,
    stopSeconds: 3,
  });

export const lines = (...text: string[]): string => `${text.join('\n')}\n`;
