import { randomBytes } from 'node:crypto';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIVE_APP } from '../../../../functions/contract/ids';
import type { FlvTag } from '../../../../functions/core/low-latency/flv';
import type { EdgeConnection, EdgeGates, EdgeTarget } from '../../runtime/ports';
import { reasonOf } from '../../runtime/reason';
import {
  CHUNK_BYTES,
  chunksOf,
  mediaMessage,
  publishSteps,
  RTMP,
  type RtmpMessage,
  WINDOW_BYTES,
} from './rtmp-messages';

const HANDSHAKE = 1536;
/** A gate in the same network answers within milliseconds. */
const BEGIN_MS = 5000;
/**
 * SRS answers `publish` only once its on_publish is decided: srs-hooks is asked for 10 s at most, and a copy that was
 * there before has 3 s to let go. Who gives up sooner has spent a token for nothing.
 */
const ADMIT_MS = 15_000;
/** Media that waits for the edge: some seconds of it. */
const MAX_WAITING_BYTES = 8 << 20;
/** An edge that acknowledges nothing for so long, while more than this was sent, is gone. */
const SILENT_MS = 2000;
const SILENT_BYTES = 4 * WINDOW_BYTES;
/** After this process stood still, what the edge said waits to be read: its silence is looked at so often before. */
const SECOND_LOOKS = 4;
const LOOK_MS = 50;
/** The answers of an edge are short: a longer one is not RTMP. */
const MAX_ANSWER_BYTES = 65_536;

const TYPES = { audio: RTMP.audio, video: RTMP.video, script: RTMP.data } as const;

/** Gates of edges over RTMP. */
export const rtmpGates: EdgeGates = {
  async publish({ host, port, streamId, token, signal }: EdgeTarget): Promise<EdgeConnection> {
    const socket = createConnection({ host, port, noDelay: true });
    const ended = endOf(socket);
    const end = () => void socket.destroy();
    signal.addEventListener('abort', end, { once: true });
    const endAfter = (ms: number) => setTimeout(() => socket.destroy(new Error(`no answer within ${ms} ms`)), ms);
    let late = endAfter(BEGIN_MS);
    const asks = () => {
      clearTimeout(late);
      late = endAfter(ADMIT_MS);
    };
    void ended.then(() => signal.removeEventListener('abort', end));
    try {
      await begin(socket, publishSteps({ host, port, app: LIVE_APP }, `${streamId}?push=${token}`), asks);
    } catch (error) {
      socket.destroy();
      throw new Error(`the edge did not let it in: ${reasonOf(error)}`);
    } finally {
      clearTimeout(late);
    }
    return new RtmpConnection(socket, ended);
  },
};

const endOf = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let reason = 'the edge closed the connection';
    socket.once('error', (error) => {
      reason = reasonOf(error);
    });
    socket.once('close', () => resolve(reason));
  });

/** `asks`: called when the last step is said, whose answer takes its time. */
async function begin(socket: Socket, steps: ReturnType<typeof publishSteps>, asks: () => void): Promise<void> {
  socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(8), randomBytes(HANDSHAKE - 8)]));
  const answer = await heard(socket, (all) => (all.length > 2 * HANDSHAKE ? all : undefined));
  socket.write(answer.subarray(1, 1 + HANDSHAKE));
  for (const step of steps) {
    if (step === steps.at(-1)) asks();
    const said = heard(socket, (all) => (all.includes(step.answer) ? all : undefined));
    // The size of chunks is told by the first message, which is shorter than any.
    socket.write(Buffer.concat(step.say.flatMap((message) => chunksOf(message, CHUNK_BYTES))));
    await said;
  }
}

/** Waits until what was heard is enough; rejects when the connection ends before. */
function heard(socket: Socket, enough: (all: Buffer) => Buffer | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let all = Buffer.alloc(0);
    const failed = (error?: Error) => done(() => reject(error ?? new Error('it closed the connection')));
    const closed = () => failed();
    const more = (piece: Buffer) => {
      all = Buffer.concat([all, piece]);
      const found = enough(all);
      if (found !== undefined) done(() => resolve(found));
      else if (all.length > MAX_ANSWER_BYTES) failed(new Error('it does not answer in RTMP'));
    };
    const done = (then: () => void) => {
      socket.off('data', more).off('error', failed).off('close', closed);
      then();
    };
    socket.on('data', more).on('error', failed).on('close', closed);
  });
}

class RtmpConnection implements EdgeConnection {
  private heardAt = performance.now();
  private sentSince = 0;
  private isDoubted = false;

  constructor(
    private readonly socket: Socket,
    readonly ended: Promise<string>,
  ) {
    socket.on('data', () => {
      this.heardAt = performance.now();
      this.sentSince = 0;
    });
  }

  send(tags: readonly FlvTag[]): void {
    const parts = tags.flatMap((tag) => chunksOf(messageOf(tag)));
    if (parts.length === 0) return;
    const bytes = Buffer.concat(parts);
    if (this.sentSince === 0) this.heardAt = performance.now();
    this.sentSince += bytes.length;
    this.socket.write(bytes);
    const isSilent = this.sentSince > SILENT_BYTES && performance.now() - this.heardAt > SILENT_MS;
    if (isSilent) void this.doubt();
    else if (this.socket.writableLength > MAX_WAITING_BYTES)
      this.socket.destroy(new Error('the edge does not keep up'));
  }

  close(): void {
    this.socket.destroy();
  }

  /** Lets the edge go if it is still silent once what has come could be read. */
  private async doubt(): Promise<void> {
    if (this.isDoubted) return;
    this.isDoubted = true;
    const { heardAt } = this;
    for (let look = 0; look < SECOND_LOOKS; look += 1) await sleep(LOOK_MS);
    this.isDoubted = false;
    if (this.heardAt === heardAt) this.socket.destroy(new Error('the edge acknowledges nothing'));
  }
}

const messageOf = ({ kind, timeMs, body }: FlvTag): RtmpMessage => mediaMessage(TYPES[kind], timeMs, body);
