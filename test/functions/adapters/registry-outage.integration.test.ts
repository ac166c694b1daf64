import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { z } from 'zod';
import { firestoreServer } from '../../../scripts/emulators/firestore';
import { close, listen } from '../../../scripts/emulators/server/listen';
import type { RegistryCall } from '../../support/google/registry-process';
import { streamOf } from '../../support/streams';

/** The limit of a test: what an encoder waits for, and some for a slow machine. */
const SECONDS = 10_000;
const EVERY_CALL: RegistryCall[] = [
  'createStream',
  'getStream',
  'listStreams',
  'countStreams',
  'listUnfinishedStreams',
  'listStreamsWithMediaWork',
  'listStreamsWithPendingEvents',
  'listStreamsWithExpired',
  'deleteStream',
  'changeStream',
  'listSessions',
  'listBroadcasts',
  'getNode',
  'listNodes',
  'changeNode',
];

const unavailable = (reason = '') => ({
  error: {
    name: 'DomainError',
    code: 'unavailable',
    message: expect.stringContaining(`the stream store (Firestore) is not available: ${reason}`),
  },
});

const Answer = z.object({ number: z.int(), value: z.unknown().optional(), error: z.unknown().optional() });

/** The stream store in a process of its own, called by message. */
class RegistryProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: z.infer<typeof Answer>) => void>();
  #count = 0;

  constructor(host: string, deadlineMs?: number) {
    const args = [
      'test/support/google/registry-process.ts',
      host,
      ...(deadlineMs === undefined ? [] : [String(deadlineMs)]),
    ];
    this.#child = fork('scripts/build/run.mjs', args, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child.on('message', (message) => {
      const answer = Answer.parse(message);
      this.#waiting.get(answer.number)?.(answer);
    });
  }

  async call(call: RegistryCall): Promise<{ value?: unknown; error?: unknown }> {
    const number = this.#count++;
    const answered = new Promise<z.infer<typeof Answer>>((resolve) => this.#waiting.set(number, resolve));
    this.#child.send({ number, call });
    const { number: _number, ...answer } = await answered;
    return answer;
  }

  /** Stands still, as a process does that gets no core. */
  async heldUp(ms: number): Promise<void> {
    this.#child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.#child.kill('SIGCONT');
  }

  async end(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}

let streamStore: RegistryProcess;
afterEach(() => streamStore.end());

describe('the stream store while Firestore is down', () => {
  const server = firestoreServer({ port: 0 });
  let host: string;

  beforeEach(async () => {
    host = (await server.start()).host;
  });
  afterEach(() => server.stop());

  it(
    'refuses every call with a reason, within seconds',
    async () => {
      streamStore = new RegistryProcess(host);
      await server.stop();
      const answers = await Promise.all(EVERY_CALL.map((call) => streamStore.call(call)));
      expect(answers).toEqual(EVERY_CALL.map(() => unavailable('no answer within 4000 ms')));
    },
    SECONDS,
  );

  it(
    'goes on where it was once Firestore is back',
    async () => {
      streamStore = new RegistryProcess(host, 1_500);
      expect(await streamStore.call('createStream')).toEqual({ value: true });
      await server.stop();
      expect(await streamStore.call('getStream')).toEqual(unavailable());
      await server.start();
      let answer = await streamStore.call('getStream');
      while (answer.error !== undefined) answer = await streamStore.call('getStream');
      expect(answer).toEqual({ value: streamOf() });
    },
    SECONDS,
  );

  it(
    'decides nothing after it has refused',
    async () => {
      streamStore = new RegistryProcess(host, 500);
      await streamStore.call('createStream');
      await server.stop();
      expect(await streamStore.call('changeStream')).toEqual(unavailable());
      await server.start();
      while ((await streamStore.call('getStream')).error !== undefined);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      expect(await streamStore.call('decisions')).toEqual({ value: 0 });
      expect(await streamStore.call('getStream')).toEqual({ value: streamOf() });
    },
    SECONDS,
  );
});

describe('a process that other work holds up for longer than the deadline', () => {
  const server = firestoreServer({ port: 0 });
  afterAll(() => server.stop());

  it(
    'takes the answer that came meanwhile',
    async () => {
      streamStore = new RegistryProcess((await server.start()).host, 500);
      expect(await streamStore.call('createStream')).toEqual({ value: true });
      expect(await streamStore.call('changeStream')).toEqual({ value: 'done' });
      for (let round = 0; round < 6; round += 1) {
        const answer = streamStore.call('changeStream');
        await new Promise((resolve) => setTimeout(resolve, 2 * round));
        await streamStore.heldUp(700);
        expect(await answer).toEqual({ value: 'done' });
      }
    },
    SECONDS,
  );
});

describe('the stream store while Firestore takes connections and says nothing', () => {
  const silent = createServer((socket) => socket.resume());
  let host: string;

  beforeAll(async () => {
    host = `127.0.0.1:${await listen(silent, 0, 'silence')}`;
  });
  afterAll(() => close(silent));

  it(
    'refuses every call with a reason, within seconds',
    async () => {
      streamStore = new RegistryProcess(host, 1_000);
      const answers = await Promise.all(EVERY_CALL.map((call) => streamStore.call(call)));
      expect(answers).toEqual(EVERY_CALL.map(() => unavailable('no answer within 1000 ms')));
    },
    SECONDS,
  );
});
