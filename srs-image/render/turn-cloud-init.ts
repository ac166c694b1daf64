import { cloudConfig } from './cloud-init';
import { TURN, type TurnserverConf, turnserverConf } from './turnserver-conf';
import { CONFINED, ENV_FOLDER, firewallScript, imageScript, lines, METADATA, oneshotUnit, SCRIPTS } from './units';

export interface TurnCloudInitProps extends TurnserverConf {
  /** Image with coturn, by a tag that never moves or by digest. */
  readonly image: string;
  /** `projects/<project>/secrets/<id>`: the shared secrets, one a line, the one that signs first. */
  readonly secret: string;
}

const CONF = `${ENV_FOLDER}/turnserver.conf`;
const DRAIN_SECONDS = 90;
/** `nobody`, on every Linux. */
const USER = '65534:65534';

/**
 * `user-data` of a TURN VM on Container-Optimized OS: image → configuration with the secret of this moment → coturn.
 */
export function turnCloudInit({ image, secret, ...conf }: TurnCloudInitProps): string {
  const files = {
    [`${SCRIPTS}/turnserver.conf`]: turnserverConf({ metricsPort: TURN.metricsPort, ...conf }),
    [`${SCRIPTS}/image.sh`]: imageScript(image),
    [`${SCRIPTS}/firewall.sh`]: turnFirewall(conf.relayPorts),
    [`${SCRIPTS}/conf.sh`]: confScript(secret),
    '/etc/systemd/system/turn-firewall.service': oneshotUnit('Open ports', `${SCRIPTS}/firewall.sh`, [
      'docker.service',
    ]),
    '/etc/systemd/system/turn-image.service': oneshotUnit('Image of coturn', `${SCRIPTS}/image.sh`, [
      'network-online.target',
      'docker.service',
    ]),
    '/etc/systemd/system/turn.service': turnUnit(image),
  };
  return cloudConfig(files, ['systemctl start turn-firewall.service', 'systemctl start turn.service']);
}

/** Ports below 1024 are root's by default; coturn is nobody here. */
const turnFirewall = ({ first, last }: TurnserverConf['relayPorts']): string =>
  lines(
    firewallScript({ tcp: [TURN.port, TURN.tcpPort], udp: [TURN.port, `${first}:${last}`] }).trimEnd(),
    `sysctl -w net.ipv4.ip_unprivileged_port_start=${TURN.tcpPort}`,
  );

/**
 * Adds what only this VM knows. Behind Google's one-to-one NAT a relay has to be told its external address. The access
 * token goes to curl by its standard input, because arguments are seen by every process. Waits for a secret that has no
 * value yet.
 */
const confScript = (secret: string): string =>
  lines(
    'set -eu',
    'umask 077',
    METADATA,
    `value() { sed -n 's/.*"'"$1"'": *"\\([^"]*\\)".*/\\1/p'; }`,
    'address=$(metadata network-interfaces/0/ip)',
    'external=$(metadata network-interfaces/0/access-configs/0/external-ip)',
    `read_secret() { printf 'header = "Authorization: Bearer %s"\\n' ` +
      '"$(metadata service-accounts/default/token | value access_token)" | curl -fsS --config - ' +
      `'https://secretmanager.googleapis.com/v1/${secret}/versions/latest:access' | value data | base64 -d; }`,
    'until secrets=$(read_secret) && [ -n "$secrets" ]; do sleep 5; done',
    `mkdir -p ${ENV_FOLDER}`,
    `chmod 711 ${ENV_FOLDER}`,
    `cp ${SCRIPTS}/turnserver.conf ${CONF}.new`,
    `printf 'listening-ip=%s\\nrelay-ip=%s\\naux-server=%s:${TURN.tcpPort}\\nexternal-ip=%s/%s\\n' ` +
      `"$address" "$address" "$address" "$external" "$address" >> ${CONF}.new`,
    `printf '%s\\n' "$secrets" | sed '/^$/d; s/^/static-auth-secret=/' >> ${CONF}.new`,
    `chown ${USER} ${CONF}.new`,
    `mv ${CONF}.new ${CONF}`,
  );

const turnUnit = (image: string): string =>
  lines(
    '[Unit]',
    'Description=TURN server',
    'Requires=docker.service turn-image.service',
    'After=docker.service turn-image.service',
    // Without a limit: systemd's own gives up for good after five starts in ten seconds.
    'StartLimitIntervalSec=0',
    '[Service]',
    // As long as the secret has no value.
    'TimeoutStartSec=infinity',
    'ExecStartPre=-/usr/bin/docker rm --force turn',
    `ExecStartPre=/bin/bash ${SCRIPTS}/conf.sh`,
    `ExecStart=/usr/bin/docker run --rm --name turn ${CONFINED} --user ${USER} ` +
      `--volume ${CONF}:/etc/coturn/turnserver.conf:ro ${image} turnserver -c /etc/coturn/turnserver.conf`,
    // It takes no new flow and ends with the last one, within the 120 s that a stopping VM gets.
    `ExecStop=/usr/bin/docker stop --time ${DRAIN_SECONDS} turn`,
    `TimeoutStopSec=${DRAIN_SECONDS + 10}`,
    'Restart=always',
    'RestartSec=1',
  );
