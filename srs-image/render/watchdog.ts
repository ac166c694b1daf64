import { NODE } from './node';
import { lines } from './units';

/** The services that must answer, and their addresses: any answer will do. */
const WATCHED = {
  agent: `http://127.0.0.1:${NODE.hooksPort}/`,
  srs: `http://127.0.0.1:${NODE.srsApiPort}/api/v1/versions`,
  gate: `http://127.0.0.1:${NODE.gateStatusPort}/metrics`,
};

/** Together with `POLL_INTERVAL_SECONDS` sooner than the 60 s after which the instance group replaces the whole VM. */
const MISSES = 3;
const POLL_INTERVAL_SECONDS = 10;
const TIMEOUT_SECONDS = 5;

/**
 * Ends a container whose process is there and answers no more; systemd starts it again. systemd's own watchdog does not
 * reach into a container. A container that is not there is systemd's business.
 */
export const watchdogScript = (): string =>
  lines(
    'set -u',
    '# look <container> <url> <how often it was silent>: prints how often it was now',
    'look() {',
    `  if curl --silent --output /dev/null --max-time ${TIMEOUT_SECONDS} "$2" || ! docker inspect "$1" ` +
      '> /dev/null 2>&1; then echo 0',
    `  elif [ "$3" -lt $((${MISSES} - 1)) ]; then echo $(($3 + 1))`,
    '  else',
    '    echo "$1 does not answer: it is started again" >&2',
    '    docker kill "$1" > /dev/null',
    '    echo 0',
    '  fi',
    '}',
    ...Object.keys(WATCHED).map((name) => `${name}=0`),
    `while sleep ${POLL_INTERVAL_SECONDS}; do`,
    ...Object.entries(WATCHED).map(([name, url]) => `  ${name}=$(look ${name} ${url} "$${name}")`),
    'done',
  );

/** Stopped before what it watches. */
export const watchdogUnit = (script: string): string =>
  lines(
    '[Unit]',
    'Description=Restarts what hangs',
    'After=docker.service agent.service srs.service gate.service',
    'StartLimitIntervalSec=0',
    '[Service]',
    `ExecStart=/bin/bash ${script}`,
    'Restart=always',
    'RestartSec=10',
  );
