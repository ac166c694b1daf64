import { join } from 'node:path';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { jsonLog } from '../../functions/adapters/log';
import { systemClock } from '../../functions/adapters/system';
import { defined } from '../../functions/core/defined';
import { Console } from './command/console';
import { createStream, DemoPublisher, type DemoStream, untilItPlays } from './command/demo';
import { prepare } from './command/prepare';
import type { Ready } from './command/ready';
import { Recorder } from './command/recorder';
import { streamStatus } from './command/status';
import { welcome } from './command/welcome';
import { requireDocker } from './compose/compose';
import { parseOptions, type StartOptions, USAGE } from './options';
import { portsFrom } from './ports';
import type { LineSink } from './process/child-process';
import { LocalStack } from './stack';

const ROOT = join(__dirname, '../..');
/** The time for the first segment, upload, event and playlist: seconds on a quiet machine. */
const DEMO_TIMEOUT_MS = 45_000;

/** The assumed delay of Eventarc; Google publishes no figures. */
const MODELLED_EVENT_DELAY = { p50Ms: 700, p95Ms: 2000 };

/** The running parts, so that a signal can end them at any moment. */
interface RunningParts {
  stack?: LocalStack;
  recorder?: Recorder;
  demo?: DemoPublisher;
}

async function run(options: StartOptions, screen: Console, running: RunningParts): Promise<void> {
  const recorder = options.record === undefined ? undefined : new Recorder(options.record);
  if (recorder !== undefined) running.recorder = recorder;
  const output: LineSink = (part, line) => {
    recorder?.line(part, line);
    screen.line(part, line);
  };
  const log = jsonLog((line) => output('stack', line), systemClock);
  if (options.docker) await requireDocker();
  await prepare(ROOT, options.environment, screen);
  const { SRS_BIN: srsBin, TURN_BIN: turnBin } = process.env;
  const stack = await LocalStack.create({
    root: ROOT,
    environment: options.environment,
    ports: portsFrom(options.portBase),
    ffmpegPath,
    output,
    log,
    ...(recorder && { record: recorder }),
    ...(srsBin === undefined || srsBin === '' ? {} : { srsBin }),
    ...(turnBin === undefined || turnBin === '' ? {} : { turnBin }),
    ...(options.docker && { containers: true }),
    ...defined({ secondCdnWeight: options.secondCdnWeight }),
  });
  running.stack = stack;
  if (options.modelEventDelay) stack.controls.eventFaults.delay = MODELLED_EVENT_DELAY;
  screen.note('starting ...');
  await stack.start();
  const demo = options.demo ? await startDemo(stack, running, screen) : undefined;
  announce(options, stack, demo, screen);
}

async function startDemo(stack: LocalStack, running: RunningParts, screen: Console): Promise<DemoStream> {
  const { edge, adminKey } = stack.addresses;
  const log = jsonLog((line) => screen.line('demo', line), systemClock);
  const stream = await createStream(new URL(edge), adminKey, 'Demo: test pattern');
  running.demo = new DemoPublisher({ ffmpegPath, stream, output: screen.line, log });
  screen.note('waiting until the demo stream plays ...');
  await untilItPlays(stream.playback.hls, DEMO_TIMEOUT_MS);
  return stream;
}

function announce(options: StartOptions, stack: LocalStack, demo: DemoStream | undefined, screen: Console): void {
  const { rtmp, edge, storage, adminKey, buckets, hlsRoot } = stack.addresses;
  const origin = stack.controls.origin.label;
  if (options.json) {
    const shown = demo === undefined ? {} : { demo: { streamId: demo.id, hls: demo.playback.hls } };
    const faces = { rtmp, api: edge, cdn: edge, web: edge, adminKey, storage, origin };
    const line: Ready = { ...faces, ...shown, buckets, hlsRoot, processes: stack.processes() };
    process.stdout.write(`${JSON.stringify(line)}\n`);
    return;
  }
  process.stdout.write(welcome({ rtmp, edge, adminKey, origin, demo }));
  screen.showStatus(() => streamStatus(edge, adminKey));
}

async function end(running: RunningParts, screen: Console): Promise<void> {
  screen.end();
  await running.demo?.stop();
  await running.stack?.stop();
  await running.recorder?.close();
}

/** Runs until a signal; returns the exit code. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const screen = new Console(process.stderr, options.json);
  const running: RunningParts = {};
  const signalled = new Promise<'signal'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve('signal'));
  });
  try {
    const started = run(options, screen, running);
    started.catch(() => undefined);
    if ((await Promise.race([started, signalled])) !== 'signal') await signalled;
    return 0;
  } finally {
    await end(running, screen);
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`cannot start: ${reason.replace(/\s*\n\s*/g, ' ')}\n`);
    process.exit(1);
  },
);
