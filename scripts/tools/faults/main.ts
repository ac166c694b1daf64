import { CliError } from '../google/cli-error';
import { parseCommandLine, runCommand } from '../google/command';
import type { Fault } from './fault';
import { startRig } from './rig';
import { runFault } from './run-fault';
import { FAULTS } from './table';
import { complaints, type Outcome } from './verdict';

const USAGE = `usage: npm run faults -- [options]

Starts a local platform (on SRS_BIN, or the built-in origin) and executes the fault table on it: a live stream and a
viewer for each row, the fault, and what the viewer saw until the stream was well again.

  --short          a few rows of each kind
  --only A,B       rows by name
  --list           names the rows, and ends
  --json           the results as JSON
  --log FILE       every line of every process
  --port-base N    first of 50 ports (default 27000)

Ends with 0 when every fault was survived as its row promises, else with 1.`;

interface Result extends Outcome {
  readonly name: string;
  readonly complaints: readonly string[];
}

function settings(args: string[]) {
  const options = {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    log: { type: 'string' },
    'port-base': { type: 'string', default: '27000' },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  const { values } = parseCommandLine({ args, options }, USAGE);
  return { ...values, faults: chosen(values.only, values.short) };
}

function chosen(only: string | undefined, isShort: boolean): readonly Fault[] {
  if (only === undefined) return isShort ? FAULTS.filter((fault) => fault.isShort === true) : FAULTS;
  return only.split(',').map((name) => {
    const fault = FAULTS.find((one) => one.name === name);
    if (fault === undefined) throw new CliError(`--only '${name}': use a name that --list has`);
    return fault;
  });
}

const cell = (value: number | undefined, unit: string): string => (value === undefined ? '-' : `${value} ${unit}`);

const row = ({ name, stallSeconds, lostSegments, healSeconds, discontinuities, complaints: wrong }: Result): string =>
  [
    name.padEnd(40),
    `stall ${cell(stallSeconds, 's')}`.padEnd(14),
    `lost ${lostSegments}`.padEnd(8),
    `healed ${cell(healSeconds, 's')}`.padEnd(15),
    `discontinuities ${discontinuities}`.padEnd(18),
    wrong.length === 0 ? 'ok' : `NOT: ${wrong.join('; ')}`,
  ].join(' ');

runCommand(async () => {
  const set = settings(process.argv.slice(2));
  if (set.help || set.list) {
    const lines = set.help ? [USAGE] : FAULTS.map(({ name, does }) => `${name.padEnd(40)} ${does}`);
    process.stdout.write(`${lines.join('\n')}\n`);
    return 0;
  }
  const rig = await startRig({
    portBase: Number(set['port-base']),
    ...(set.log !== undefined && { logFile: set.log }),
  });
  const results: Result[] = [];
  try {
    for (const fault of set.faults) {
      const outcome = await runFault(rig, fault);
      const result = { name: fault.name, ...outcome, complaints: complaints(fault, outcome) };
      results.push(result);
      if (!set.json) process.stdout.write(`${row(result)}\n`);
    }
  } finally {
    await rig.stop();
  }
  const bad = results.filter((result) => result.complaints.length > 0).length;
  const summary = { origin: rig.stack.controls.origin.label, ok: results.length - bad, notOk: bad };
  const text = set.json
    ? JSON.stringify({ ...summary, results }, null, 2)
    : `${summary.ok} ok, ${bad} not, on ${summary.origin}`;
  // Half-open connections of a fault would keep the process alive.
  process.stdout.write(`${text}\n`, () => process.exit(bad === 0 ? 0 : 1));
  return bad === 0 ? 0 : 1;
});
