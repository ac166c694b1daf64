import { createServer } from 'node:net';
import { close, listen } from '../emulators/server/listen';
import { StartError } from '../emulators/server/start-error';

/**
 * Every fixed port, as an offset of `--port-base`; functions follow from `functions` on, in the order of their names.
 */
const OFFSETS = {
  edge: 0,
  rtmp: 1,
  srsRtmp: 44,
  gateProxy: 45,
  gateStatus: 46,
  srsHttp: 43,
  cdnApi: 47,
  srt: 40,
  rtc: 41,
  apiMetadata: 42,
  storage: 2,
  firestore: 3,
  metadata: 4,
  srsApi: 5,
  agentHooks: 6,
  agentPublic: 7,
  turn: 8,
  pubsub: 9,
} as const;
const FIRST_FUNCTION = 10;
/** The relay ports of a TURN server: one for each relayed flow. */
const RELAY = { first: 20, last: 39 };
const SPAN = 50;

export const DEFAULT_PORT_BASE = 18080;

export type Ports = Readonly<Record<keyof typeof OFFSETS, number>> & {
  readonly functionAt: (index: number) => number;
  readonly turnRelay: { readonly first: number; readonly last: number };
};

/** Returns the ports from `base` on. */
export function portsFrom(base: number): Ports {
  if (!Number.isInteger(base) || base < 1024 || base + SPAN > 65535)
    throw new StartError(`--port-base ${base}: use a whole number from 1024 to ${65535 - SPAN}`);
  return {
    edge: base + OFFSETS.edge,
    rtmp: base + OFFSETS.rtmp,
    srsRtmp: base + OFFSETS.srsRtmp,
    gateProxy: base + OFFSETS.gateProxy,
    gateStatus: base + OFFSETS.gateStatus,
    srsHttp: base + OFFSETS.srsHttp,
    cdnApi: base + OFFSETS.cdnApi,
    srt: base + OFFSETS.srt,
    rtc: base + OFFSETS.rtc,
    apiMetadata: base + OFFSETS.apiMetadata,
    storage: base + OFFSETS.storage,
    firestore: base + OFFSETS.firestore,
    metadata: base + OFFSETS.metadata,
    srsApi: base + OFFSETS.srsApi,
    agentHooks: base + OFFSETS.agentHooks,
    agentPublic: base + OFFSETS.agentPublic,
    turn: base + OFFSETS.turn,
    pubsub: base + OFFSETS.pubsub,
    turnRelay: { first: base + RELAY.first, last: base + RELAY.last },
    functionAt: (index) => base + FIRST_FUNCTION + index,
  };
}

/** Rejects with one sentence if any port is taken, before anything is started. */
export async function checkPortsAreFree(ports: Ports, functionNames: readonly string[]): Promise<void> {
  const wanted = [
    ...Object.entries(ports).flatMap(([name, port]) => (typeof port === 'number' ? [{ name, port }] : [])),
    ...functionNames.map((name, index) => ({ name: `function ${name}`, port: ports.functionAt(index) })),
  ];
  for (const { name, port } of wanted) {
    const probe = createServer();
    await listen(probe, port, name);
    await close(probe);
  }
}
