import { setTimeout as sleep } from 'node:timers/promises';
import { startRig } from '../faults/rig';
import { FAULTS } from '../faults/table';
import { CliError } from '../google/cli-error';
import { parseCommandLine, runCommand } from '../google/command';
import { SoakStream } from './live-stream';
import { pick, seeded } from './seeded';
import { usageOf } from './usage';

const USAGE = `usage: npm run soak -- [options]

Runs a local platform (on SRS_BIN, or the built-in origin) for a while: publishers come, go, crash and return, viewers
watch, and rows of the fault table strike, all by the seed. Prints the share of probes, one a second and stream, that
found a fresh live playlist, and what processes and stores held at the beginning and at the end.

  --hours N        how long, for instance 0.2 (default 2, at most 48)
  --seed S         whole number (default: the time, and printed)
  --streams N      1 to 20 (default 3)
  --no-faults      publishers come and go only
  --log FILE       every line of every process
  --port-base N    first of 50 ports (default 27200)

Ends with 0 when 99.9 % of the probes were fresh and no rule of rfc8216bis was broken, else with 1.`;

const GOAL = 0.999;
/** Seconds between two faults. */
const FAULT_EVERY = 60;
/** Seconds between two acts of publishers, on average. */
const ACT_EVERY = 15;

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

/** Strikes with a row of the table, and mends it; one at a time. */
async function strike(streams: readonly SoakStream[], random: () => number): Promise<string | undefined> {
  const scene = pick(streams, random)?.scene();
  const fault = pick(FAULTS, random);
  if (scene === undefined || fault === undefined) return undefined;
  const mend = await fault.strike(scene);
  await sleep(fault.lastsSeconds * 1000);
  await mend();
  return fault.name;
}

type Settings = ReturnType<typeof settings>;

/** Acts and probes until the time is over; names of the faults in the order they struck. */
async function soak(streams: readonly SoakStream[], { seconds, seed, hasFaults }: Settings): Promise<string[]> {
  const [acts, faults] = [seeded(seed), seeded(seed + 1)];
  const struck: string[] = [];
  const endsAt = performance.now() + seconds * 1000;
  let striking: Promise<void> = Promise.resolve();
  for (let second = 1; performance.now() < endsAt; second++) {
    await sleep(1000);
    for (const stream of streams) {
      stream.probe();
      if (acts() < 1 / (ACT_EVERY * streams.length)) await act(stream, acts);
    }
    if (!hasFaults || second % FAULT_EVERY !== 0) continue;
    await striking;
    striking = strike(streams, faults).then((name) => void (name !== undefined && struck.push(name)));
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
  const before = usageOf(rig.stack.processes());
  try {
    for (let index = 0; index < set.streams; index++) {
      const stream = await SoakStream.create(rig, `soak ${index}`);
      streams.push(stream);
      stream.publish();
    }
    const faults = await soak(streams, set);
    const after = usageOf(rig.stack.processes());
    const asked = streams.reduce((sum, { probes }) => sum + probes.asked, 0);
    const fresh = streams.reduce((sum, { probes }) => sum + probes.fresh, 0);
    const share = asked === 0 ? 0 : fresh / asked;
    const broken = streams.flatMap(({ viewer }) => viewer.broken.map(({ clause, message }) => `${clause}: ${message}`));
    const report = {
      seed: set.seed,
      seconds: set.seconds,
      origin: controls.origin.label,
      streams: set.streams,
      probes: asked,
      fresh,
      share: Math.round(share * 1e5) / 1e5,
      goal: GOAL,
      broken,
      faults,
      segments: streams.reduce((sum, { viewer }) => sum + viewer.listed, 0),
      storage: controls.store.operations(),
      before,
      after,
    };
    const code = share >= GOAL && broken.length === 0 ? 0 : 1;
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return code;
  } finally {
    await Promise.all(streams.map((stream) => stream.stop()));
    await rig.stop();
    // Connections that a fault left half open would keep the process for their own time.
    setTimeout(() => process.exit(), 1000).unref();
  }
});
