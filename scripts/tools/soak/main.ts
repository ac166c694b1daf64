import { setTimeout as sleep } from 'node:timers/promises';
import { startRig } from '../faults/rig';
import { FAULTS } from '../faults/table';
import { CliError } from '../google/cli-error';
import { parseCommandLine, runCommand } from '../google/command';
import { SoakStream } from './live-stream';
import { ProbeCount } from './probes';
import { pick, seeded } from './seeded';
import { type ProcessUse, usageOf } from './usage';

const USAGE = `usage: npm run soak -- [options]

Runs a local platform (on SRS_BIN, or the built-in origin) for a while: publishers come, go, crash and return, viewers
watch, and rows of the fault table strike, all by the seed. Prints the share of probes, one a second and stream, that
found a fresh live playlist, and what processes held, every five minutes (to stderr as it goes).

  --hours N        how long, for instance 0.2 (default 2, at most 48)
  --seed S         whole number (default: the time, and printed)
  --streams N      1 to 20 (default 3)
  --no-faults      publishers come and go only
  --log FILE       every line of every process
  --port-base N    first of 50 ports (default 27200)

Ends with 0 when 99.9 % of the probes beside which no fault was at work, or healing, were fresh and no rule of
rfc8216bis was broken, else with 1.`;

const GOAL = 0.999;
/** Seconds between two faults. */
const FAULT_EVERY = 60;
/** Seconds between two acts of publishers, on average. */
const ACT_EVERY = 15;
/** Seconds between two looks at memory and descriptors. */
const MEASURE_EVERY = 300;

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text !== '' && value >= least && value <= most) return value;
  throw new CliError(`--${name} '${text}': use a number from ${least} to ${most}`);
}

function settings(args: string[]) {
  const options = {
    hours: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    streams: { type: 'string', default: '3' },
    'no-faults': { type: 'boolean', default: false },
    log: { type: 'string' },
    'port-base': { type: 'string', default: '27200' },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  const { values } = parseCommandLine({ args, options }, USAGE);
  return {
    isHelp: values.help,
    seconds: number('hours', values.hours, 0.001, 48) * 3600,
    seed: number('seed', values.seed, 0, 2 ** 32 - 1),
    streams: number('streams', values.streams, 1, 20),
    hasFaults: !values['no-faults'],
    portBase: number('port-base', values['port-base'], 1024, 65_000),
    logFile: values.log,
  };
}

async function act(stream: SoakStream, random: () => number): Promise<void> {
  if (!stream.isPublishing) return stream.publish();
  const what = random();
  if (what < 0.4) await stream.crash();
  else if (what < 0.8) stream.cutLine();
  else await stream.goAway();
}

/** Begins a fault of the table and ends it; one at a time. Returns its name. */
async function strike(stage: Stage): Promise<string | undefined> {
  const scene = pick(stage.streams, stage.faults)?.scene();
  const fault = pick(FAULTS, stage.faults);
  if (scene === undefined || fault === undefined) return undefined;
  stage.probes.struck(fault.name);
  try {
    const mend = await fault.strike(scene);
    await sleep(fault.lastsSeconds * 1000);
    await mend();
  } finally {
    stage.probes.mended();
  }
  return fault.name;
}

type Settings = ReturnType<typeof settings>;

/** Streams, the numbers that choose the faults, and what is counted. */
interface Stage {
  readonly streams: readonly SoakStream[];
  readonly faults: () => number;
  readonly probes: ProbeCount;
  /** Called every five minutes. */
  readonly measure: () => void;
}

/** Acts and probes until the time is over; returns the faults in their order. */
async function soak(stage: Stage, { seconds, seed, hasFaults }: Settings): Promise<string[]> {
  const acts = seeded(seed);
  const struck: string[] = [];
  const endsAt = performance.now() + seconds * 1000;
  let striking: Promise<void> = Promise.resolve();
  for (let second = 1; performance.now() < endsAt; second++) {
    await sleep(1000);
    for (const stream of stage.streams) {
      const isFresh = stream.probe();
      if (isFresh !== undefined) stage.probes.add(isFresh);
      if (acts() < 1 / (ACT_EVERY * stage.streams.length)) await act(stream, acts);
    }
    if (second % MEASURE_EVERY === 0) stage.measure();
    if (!hasFaults || second % FAULT_EVERY !== 0) continue;
    await striking;
    striking = strike(stage).then(
      (name) => void (name !== undefined && struck.push(name)),
      (error: unknown) => void struck.push(`not struck: ${String(error)}`),
    );
  }
  await striking;
  return struck;
}

runCommand(async () => {
  const set = settings(process.argv.slice(2));
  if (set.isHelp) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const { portBase, logFile } = set;
  const rig = await startRig({ portBase, ...(logFile !== undefined && { logFile }) });
  const { controls } = rig.stack;
  const streams: SoakStream[] = [];
  const use: Record<string, ProcessUse>[] = [];
  const probes = new ProbeCount(Date.now);
  const measure = () => {
    use.push(usageOf(rig.stack.processes()));
    process.stderr.write(`${JSON.stringify({ ...probes.report(), use: use.at(-1) })}\n`);
  };
  measure();
  try {
    for (let index = 0; index < set.streams; index++) {
      const stream = await SoakStream.create(rig, `soak ${index}`);
      streams.push(stream);
      stream.publish();
    }
    const faults = await soak({ streams, faults: seeded(set.seed + 1), probes, measure }, set);
    measure();
    const seen = probes.report();
    const broken = streams.flatMap(({ viewer }) => viewer.broken.map(({ clause, message }) => `${clause}: ${message}`));
    const report = {
      seed: set.seed,
      seconds: set.seconds,
      origin: controls.origin.label,
      streams: set.streams,
      probes: seen,
      goal: GOAL,
      broken,
      faults,
      segments: streams.reduce((sum, { viewer }) => sum + viewer.listed, 0),
      storage: controls.store.operations(),
      use,
    };
    const code = seen.shareWithoutFaults >= GOAL && broken.length === 0 ? 0 : 1;
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return code;
  } finally {
    await Promise.all(streams.map((stream) => stream.stop()));
    await rig.stop();
    // Half-open connections of a fault would keep the process alive.
    setTimeout(() => process.exit(), 1000).unref();
  }
});
