import Hls from 'hls.js';
import { element } from '../page-elements';
import { parseStreamKey, streamKeyOf } from '../publish-key';
import { createSession, SESSION_STATUS, type Session, STREAM_STATUS, type Stream, type StreamStatus } from '../sdk';
import { readState } from '../sdk/public-state';

/** One side of the page: a stream with the button that begins and ends it. */
interface Side {
  readonly button: HTMLButtonElement;
  readonly status: HTMLElement;
  readonly label: string;
  stream: Stream | undefined;
}

/** Publishes on one side and plays on the other, and shows the states of the sessions and streams. */
export class TwoWayPage {
  private session: Session | undefined;
  private readonly server = element('server', HTMLInputElement);
  private readonly connectButton = element('connect', HTMLButtonElement);
  private readonly available = element('available', HTMLButtonElement);
  private readonly local = side('publish', 'Publish');
  private readonly player = side('play', 'Play');

  run(): void {
    this.server.value = location.origin;
    on('connect-form', () => (this.session === undefined ? this.connect() : void this.session.disconnect()));
    on('publish-form', () => (this.local.stream === undefined ? this.publish() : void this.local.stream.stop()));
    on('play-form', () => (this.player.stream === undefined ? this.play() : void this.player.stream.stop()));
    this.available.addEventListener('click', () => void this.look());
    window.addEventListener('pagehide', () => void this.session?.disconnect());
  }

  private connect(): void {
    const look = (session: Session) => this.show(session);
    try {
      const session = createSession({ urlServer: this.server.value });
      for (const status of Object.values(SESSION_STATUS)) session.on(status, look);
      this.session = session;
      this.show(session);
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error));
    }
  }

  private show(session: Session): void {
    this.say(session.status());
    const { isOver } = session;
    if (isOver) this.session = undefined;
    this.connectButton.textContent = isOver ? 'Connect' : 'Disconnect';
    for (const button of [this.local.button, this.player.button, this.available]) button.disabled = isOver;
  }

  private publish(): void {
    const publisher = parseStreamKey(element('stream-key', HTMLInputElement).value);
    if (typeof publisher === 'string') {
      this.local.status.textContent = publisher;
      return;
    }
    const display = element('local', HTMLElement);
    const name = streamKeyOf(publisher);
    this.follow(this.local, this.session?.createStream({ name, display, cacheLocalResources: true }))?.publish();
    element('stream-id', HTMLInputElement).value ||= publisher.streamId;
  }

  private play(): void {
    const name = element('stream-id', HTMLInputElement).value.trim();
    this.follow(
      this.player,
      this.session?.createStream({ name, display: element('player', HTMLElement), hls: Hls }),
    )?.play();
  }

  private async look(): Promise<void> {
    const state = await readState(
      new URL(this.server.value).origin,
      element('stream-id', HTMLInputElement).value.trim(),
    );
    this.player.status.textContent = state === 'live' ? 'AVAILABLE' : `not available: ${state}`;
  }

  private follow(side: Side, stream: Stream | undefined): Stream | undefined {
    if (stream === undefined) return undefined;
    side.stream = stream;
    side.button.textContent = 'Stop';
    const say = () => {
      side.status.textContent = [stream.status(), stream.info()].filter((text) => text !== '').join(': ');
      if (!FINAL.includes(stream.status())) return;
      side.stream = undefined;
      side.button.textContent = side.label;
    };
    for (const status of Object.values(STREAM_STATUS)) stream.on(status, say);
    return stream;
  }

  private say(words: string): void {
    element('connect-status', HTMLElement).textContent = words;
  }
}

const FINAL: readonly StreamStatus[] = ['UNPUBLISHED', 'STOPPED', 'FAILED'];

const side = (name: 'publish' | 'play', label: string): Side => ({
  button: element(name, HTMLButtonElement),
  status: element(`${name}-status`, HTMLElement),
  label,
  stream: undefined,
});

function on(form: string, act: () => void): void {
  element(form, HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    act();
  });
}
