import { element } from '../page-elements';
import { type Publisher, parseStreamKey, takeOver } from '../publish-key';
import { watchHref } from '../stream-link';
import { canCapture, capture, type Source, stopCapture } from './capture';
import { canSendH264, Sender } from './sender';
import { WhipRefusal } from './whip';
import { NO_CAPTURE_HERE, NO_H264, type PublishState, STATE_WORDS, whyNoCapture } from './words';

const REFRESH_MS = 1000;
/** Well within a stream's reconnect window, so that viewers stay in the same broadcast. */
const RETRY_MS = 2000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends camera or screen of this browser until it is told to stop; an interrupted connection is made anew. */
export class PublishPage {
  private readonly preview = element('preview', HTMLVideoElement);
  private readonly keyField = element('stream-key', HTMLInputElement);
  private media: MediaStream | undefined;
  private sender: Sender | undefined;
  private counted = { bytes: 0, at: 0 };

  run(): void {
    this.keyField.value = takeOver(sessionStorage);
    element('publish-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.start();
    });
    element('stop', HTMLButtonElement).addEventListener('click', () => this.stop('idle'));
    window.addEventListener('pagehide', () => this.stop('idle'));
    setInterval(() => void this.refresh(), REFRESH_MS);
    if (!canCapture()) this.show('failed', NO_CAPTURE_HERE);
    else if (!canSendH264()) this.show('failed', NO_H264);
    else this.show('idle');
  }

  private async start(): Promise<void> {
    const publisher = parseStreamKey(this.keyField.value);
    if (typeof publisher === 'string') return this.show('refused', publisher);
    const source: Source = element('source', HTMLSelectElement).value === 'screen' ? 'screen' : 'camera';
    this.show('asking');
    try {
      this.media = await capture(source);
    } catch (error) {
      return this.show('failed', whyNoCapture(error));
    }
    this.preview.srcObject = this.media;
    // "Stop sharing" of the browser itself, or a camera that was pulled.
    for (const track of this.media.getTracks()) track.addEventListener('ended', () => this.stop('idle'));
    await this.send(publisher, this.media);
  }

  /** Until it is stopped or refused for good. */
  private async send(publisher: Publisher, media: MediaStream): Promise<void> {
    this.show('connecting');
    while (this.media === media) {
      const sender = new Sender(media);
      this.sender = sender;
      try {
        await sender.start(publisher);
        this.showLive(publisher);
        await sender.lost();
      } catch (error) {
        if (error instanceof WhipRefusal && !error.passes) return this.stop('refused', error.message);
      }
      await sender.stop();
      if (this.media !== media) return;
      this.show('interrupted');
      await sleep(RETRY_MS);
    }
  }

  private stop(state: PublishState, words?: string): void {
    const { media, sender } = this;
    [this.media, this.sender] = [undefined, undefined];
    if (media !== undefined) stopCapture(media);
    void sender?.stop();
    this.preview.srcObject = null;
    this.show(state, words);
  }

  private showLive({ streamId }: Publisher): void {
    const link = element('watch-link', HTMLAnchorElement);
    link.href = watchHref(streamId);
    link.hidden = false;
    if (this.media !== undefined) this.show('live');
  }

  private show(state: PublishState, words = STATE_WORDS[state]): void {
    document.body.dataset.state = state;
    element('status', HTMLElement).textContent = words;
    const sends = ['asking', 'connecting', 'live', 'interrupted'].includes(state);
    element('start', HTMLButtonElement).hidden = sends;
    element('stop', HTMLButtonElement).hidden = !sends;
    this.keyField.disabled = sends;
    element('source', HTMLSelectElement).disabled = sends;
  }

  private async refresh(): Promise<void> {
    const sending = await this.sender?.sending();
    const now = performance.now();
    const bits = ((sending?.bytesSent ?? 0) - this.counted.bytes) * 8;
    const rate = bits / Math.max(1, now - this.counted.at);
    this.counted = { bytes: sending?.bytesSent ?? 0, at: now };
    const { width, height, framesPerSecond, roundTripSeconds } = sending ?? {};
    const facts = {
      picture: width === undefined || height === undefined ? '–' : `${width} × ${height}`,
      frames: framesPerSecond === undefined ? '–' : framesPerSecond.toFixed(0),
      bitrate: sending === undefined || bits <= 0 ? '–' : `${rate.toFixed(0)} kbit/s`,
      'round-trip': roundTripSeconds === undefined ? '–' : `${(roundTripSeconds * 1000).toFixed(0)} ms`,
    };
    for (const [id, text] of Object.entries(facts)) element(id, HTMLElement).textContent = text;
  }
}
