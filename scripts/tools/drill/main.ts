import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalService } from '../../emulators/server/local-service';
import { FIRESTORE_EMULATOR, type RunningEmulator, startEmulator, stopEmulators } from '../bench/google-emulator';
import { startRig } from '../faults/rig';
import { CliError } from '../google/cli-error';
import { parseCommandLine, runCommand } from '../google/command';
import { stopOnSignal } from '../google/stop-on-signal';
import { drill } from './drill';
import { emulatorData } from './emulator-data';

const USAGE = `usage: npm run drill -- [options]

Rehearses "Restore Firestore" of infra/RUNBOOK.md on a local platform (on SRS_BIN, or the built-in origin) with Google's
Firestore emulator as its database: a stream is live, every document is exported, deleted, and imported again. Prints
the times, and what went wrong. Needs ${FIRESTORE_EMULATOR.needs}.

  --log FILE       every line of every process
  --port-base N    first of 50 ports (default 27400)

Ends with 0 when nothing went wrong, else with 1.`;

/** Makes Google's emulator a part of the local platform. */
function emulatorAt(port: number, program: string): LocalService {
  let running: RunningEmulator | undefined;
  return {
    name: FIRESTORE_EMULATOR.name,
    start: async () => {
      running = await startEmulator(FIRESTORE_EMULATOR, program, port);
      return new URL(`http://${running.host}`);
    },
    stop: async () => running?.stop(),
  };
}

runCommand(async () => {
  const options = {
    log: { type: 'string' },
    'port-base': { type: 'string', default: '27400' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const { values } = parseCommandLine({ args: process.argv.slice(2), options }, USAGE);
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const portBase = Number(values['port-base']);
  if (!Number.isInteger(portBase) || portBase < 1024 || portBase > 65_000)
    throw new CliError(`--port-base '${values['port-base']}': use a whole number from 1024 to 65000`);
  const program = FIRESTORE_EMULATOR.find();
  if (program === undefined) throw new CliError(`${FIRESTORE_EMULATOR.name} is not here: ${FIRESTORE_EMULATOR.needs}`);
  stopOnSignal(stopEmulators);
  const folder = await mkdtemp(join(tmpdir(), 'srs-live-drill-'));
  let host = '';
  const databaseAt = (port: number) => {
    host = `127.0.0.1:${port}`;
    return emulatorAt(port, program);
  };
  const rig = await startRig({ portBase, databaseAt, ...(values.log !== undefined && { logFile: values.log }) });
  try {
    const record = await drill(rig, emulatorData(host, rig.stack.addresses.database), folder);
    process.stdout.write(`${JSON.stringify(record, null, 2)}\n`);
    return record.wrong.length === 0 ? 0 : 1;
  } finally {
    await rig.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
