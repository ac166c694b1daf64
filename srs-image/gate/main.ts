import { z } from 'zod';
import { jsonLog } from '../../functions/adapters/log';
import { systemClock } from '../../functions/adapters/system';
import { GateEnv } from '../../functions/contract/gate';
import { Gate } from './gate';
import { serveStatus } from './status';

const log = jsonLog(undefined, systemClock);
/** A clock that is set does not end anybody. */
const monotonic = (): number => performance.timeOrigin + performance.now();
const every = (ms: number, run: () => void) => {
  const timer = setInterval(run, ms);
  return () => clearInterval(timer);
};
/** The last bytes to SRS get as long. */
const LAST_BYTES_MS = 500;

function readEnv(): GateEnv {
  try {
    return GateEnv.parse(JSON.parse(process.env.GATE_ENV ?? '{}'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error('GATE_ENV: use JSON', { cause: error });
    throw error;
  }
}

const sentence = (error: unknown): string => {
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => `GATE_ENV ${path.join('.')}: ${message}`).join('; ');
  return error instanceof Error ? error.message : String(error);
};

/** Ends the process: systemd starts it again, and encoders come back. */
function fail(error: unknown): void {
  log.error('gate_failed', { message: sentence(error), error });
  process.exit(1);
}

async function run(): Promise<void> {
  const env = readEnv();
  const gate = new Gate({ env, log, now: monotonic, every });
  const status = await serveStatus(gate, env.statusPort);
  await gate.start();
  const { host, rtmpPort, proxyPort, srsPort } = env;
  log.info('gate_started', { host, rtmpPort, proxyPort, srsPort });
  const end = async (signal: string) => {
    const { open } = gate;
    gate.close();
    status.close();
    gate.hangUp();
    await systemClock.sleep(open > 0 ? LAST_BYTES_MS : 0);
    gate.endAll();
    log.info('gate_stopped', { signal, connections: open });
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(signal).catch(fail));
}

process.once('unhandledRejection', fail);
run().catch(fail);
