import { parseArgs } from 'node:util';
import { StartError } from '../emulators/server/start-error';
import { DEFAULT_PORT_BASE } from './ports';

export interface StartOptions {
  readonly json: boolean;
  readonly demo: boolean;
  readonly portBase: number;
  readonly environment: string;
  /** True: storage events are as late as Google's, for measurements. */
  readonly modelEventDelay: boolean;
  /** True: SRS, coturn and Google's Firestore emulator run in containers. */
  readonly docker: boolean;
  /** A second CDN: the percentage of open streams whose viewers begin there. */
  readonly secondCdnWeight?: number;
  /** Folder for every line of every part and every URL of a request at the edge. */
  readonly record?: string;
  readonly help: boolean;
}

export const USAGE = `usage: ./scripts/start [options]

Runs the whole platform on this machine and publishes a demo stream. Ctrl-C ends it and leaves nothing.

  --json          one line of JSON on stdout when it is ready, logs on stderr
  --no-demo       no demo stream
  --port-base N   first of the ports it takes (default ${DEFAULT_PORT_BASE})
  --env NAME      environment whose Terraform is interpreted (default dev)
  --model-event-delay
                  storage events as late as Google's (p50 0.7 s, p95 2 s)
  --docker        SRS, coturn and Google's Firestore emulator in containers; needs Docker with Compose, on Linux
  --second-cdn N  a second CDN for open streams, on which the viewers of N % of them begin
  --record FOLDER every line of every part, unedited, and every URL asked at the edge, as files there
  --help          this text

SRS_BIN names a real SRS 5 or 6 to use as the origin. Without it, the origin is an SRS image that Docker has, else
the built-in one.
TURN_BIN names a coturn (Debian: /usr/bin/turnserver) that relays WebRTC.
FFMPEG_BIN names the encoder of ladders, 5.1 or newer (default: the one on the PATH).
`;

/** Returns the options of the command line; rejects unknown ones with one sentence. */
export function parseOptions(args: readonly string[]): StartOptions {
  const { values } = parse(args);
  const portBase = values['port-base'] ?? String(DEFAULT_PORT_BASE);
  if (!/^\d{1,6}$/.test(portBase)) throw new StartError(`--port-base '${portBase}': use a whole number`);
  return {
    json: values.json === true,
    demo: values['no-demo'] !== true,
    portBase: Number(portBase),
    environment: values.env ?? 'dev',
    modelEventDelay: values['model-event-delay'] === true,
    docker: values.docker === true,
    ...(values['second-cdn'] !== undefined && { secondCdnWeight: weightOf(values['second-cdn']) }),
    ...(values.record !== undefined && { record: values.record }),
    help: values.help === true,
  };
}

function weightOf(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 100) return Number(text);
  throw new StartError(`--second-cdn '${text}': use a whole number from 0 to 100`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean' },
        'no-demo': { type: 'boolean' },
        'port-base': { type: 'string' },
        env: { type: 'string' },
        'model-event-delay': { type: 'boolean' },
        docker: { type: 'boolean' },
        'second-cdn': { type: 'string' },
        record: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split(/[.\n]/);
    throw new StartError(`${reason}; './scripts/start --help' lists the options`);
  }
}
