import { createStream } from '../../local/command/demo';
import { Encoder } from '../faults/encoder';
import type { Scene } from '../faults/fault';
import type { Rig } from '../faults/rig';
import { LiveViewer } from '../faults/viewer';
import { openWire, type Wire } from '../faults/wire';

/** The time before a publisher's first segments, also after a reconnect, are expected. */
const BEGIN_MS = 12_000;

/** A stream whose publisher comes and goes, with a viewer that stays. */
export class SoakStream {
  private encoder: Encoder | undefined;
  private dueAtMs = Number.POSITIVE_INFINITY;

  private constructor(
    private readonly rig: Rig,
    private readonly stream: Awaited<ReturnType<typeof createStream>>,
    readonly viewer: LiveViewer,
    readonly wire: Wire,
  ) {}

  static async create(rig: Rig, title: string): Promise<SoakStream> {
    const { edge, adminKey, rtmp } = rig.stack.addresses;
    const stream = await createStream(new URL(edge), adminKey, title);
    const wire = await openWire(Number(new URL(rtmp).port));
    return new SoakStream(rig, stream, new LiveViewer(stream.playback.hls), wire);
  }

  get isPublishing(): boolean {
    return this.encoder !== undefined;
  }

  publish(): void {
    const { streamKey } = this.stream.ingest.rtmp;
    this.encoder ??= new Encoder({ url: `rtmp://127.0.0.1:${this.wire.port}/live/${streamKey}` });
    this.expectLater();
  }

  async goAway(): Promise<void> {
    this.dueAtMs = Number.POSITIVE_INFINITY;
    await this.encoder?.stop();
    this.encoder = undefined;
  }

  /** Kills the encoder, which starts again by itself. */
  async crash(): Promise<void> {
    this.expectLater();
    await this.encoder?.crash();
  }

  cutLine(): void {
    this.expectLater();
    this.wire.cut();
  }

  /** Tells whether the live playlist is fresh; `undefined` while it need not be. */
  probe(): boolean | undefined {
    return Date.now() < this.dueAtMs ? undefined : this.viewer.isFresh;
  }

  /** Returns this stream as a fault uses it; `undefined` while it has no publisher. */
  scene(): Scene | undefined {
    if (this.encoder === undefined) return undefined;
    const { controls, addresses } = this.rig.stack;
    const { streamKey } = this.stream.ingest.rtmp;
    const { encoder, wire } = this;
    return { controls, addresses, streamId: this.stream.id, streamKey, publisher: encoder, wire, pid: this.rig.pid };
  }

  async stop(): Promise<void> {
    await this.goAway();
    await Promise.all([this.viewer.stop(), this.wire.close()]);
  }

  private expectLater(): void {
    this.dueAtMs = Date.now() + BEGIN_MS;
  }
}
