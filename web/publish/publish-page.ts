import { path, ROUTES } from '../../functions/contract/routes';
import { element } from '../page-elements';
import { forgetKey, handedOver, handOver, type Publisher, parseStreamKey, streamKeyOf } from '../publish-key';
import { Connection, canSendH264 } from '../sdk/connection';
import { Continuity } from '../sdk/continuity';
import { OfferRefusal } from '../sdk/offer';
import { watchHref } from '../stream-link';
import { canCapture, capture, SIZES, stopCapture, type Wish } from './capture';
import { Figures } from './figures';
import { SettingsForm } from './settings-form';
import { Tabs } from './tabs';
import { NO_CAPTURE_HERE, NO_H264, type PublishState, STATE_WORDS, STOPPED, whyNoCapture } from './words';

/** Well within a stream's reconnect window, so that viewers stay in the same broadcast. */
const RETRY_MS = 2000;
/** The interval at which a disconnected camera is looked for. */
const REPLUG_MS = 1000;

/** States in which media is sent, or will be. */
const SENDS: readonly PublishState[] = ['connecting', 'live', 'interrupted', 'unplugged'];

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Shows camera or screen of this browser, and sends it until the streamer stops; an interrupted connection is made
 * again.
 */
export class PublishPage {
  private readonly preview = element('preview', HTMLVideoElement);
  private readonly keyField = element('stream-key', HTMLInputElement);
  private readonly settings = new SettingsForm(() => void this.changed());
  private readonly figures = new Figures(() => this.connection);
  private readonly tabs = new Tabs((streamId) => this.publisher?.streamId === streamId && void this.end('taken'));
  private media: MediaStream | undefined;
  private connection: Connection | undefined;
  /** The present publisher; `undefined` while there is none. Another object is another broadcast. */
  private publisher: Publisher | undefined;
  private state: PublishState = 'idle';

  run(): void {
    this.keyField.value = handedOver(sessionStorage);
    element('publish-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.goLive();
    });
    element('show-preview', HTMLButtonElement).addEventListener('click', () => void this.open());
    element('stop', HTMLButtonElement).addEventListener('click', () => void this.stop());
    window.addEventListener('beforeunload', (event) => SENDS.includes(this.state) && event.preventDefault());
    window.addEventListener('pagehide', () => void this.end('idle'));
    this.figures.run();
    if (!canCapture()) this.show('failed', NO_CAPTURE_HERE);
    else if (!canSendH264()) this.show('failed', NO_H264);
    else this.begin();
  }

  private begin(): void {
    navigator.mediaDevices.addEventListener('devicechange', () => void this.settings.list());
    void this.settings.list();
    this.show('idle');
  }

  /** Opens camera or screen, and shows it to the streamer alone. Returns whether there is media to send. */
  private async open(): Promise<boolean> {
    const { wish } = this.settings;
    this.show('asking');
    try {
      this.use(await capture(wish), wish);
    } catch (error) {
      this.show('failed', whyNoCapture(error));
      return false;
    }
    this.show('preview');
    await this.settings.list();
    return true;
  }

  /** Opens another device or size, which was chosen while the preview shows. */
  private async changed(): Promise<void> {
    if (this.state === 'preview') await this.open();
  }

  private use(media: MediaStream, wish: Wish): void {
    if (this.media !== undefined) stopCapture(this.media);
    this.media = media;
    this.preview.srcObject = media;
    // The browser's own "Stop sharing", or a camera that was disconnected.
    for (const track of media.getTracks()) track.addEventListener('ended', () => this.unplugged(media, wish));
  }

  private unplugged(media: MediaStream, wish: Wish): void {
    if (this.media !== media) return;
    if (wish.source === 'screen') void this.stop();
    else void this.replug(media, wish);
  }

  /** Opens the device again, or any other, as soon as there is one; the connection stays. */
  private async replug(media: MediaStream, wish: Wish): Promise<void> {
    this.show('unplugged');
    while (this.media === media) {
      const any = { ...wish, camera: '', microphone: '' };
      const fresh = await capture(wish).catch(() => capture(any).catch(() => undefined));
      if (this.media !== media) return fresh && stopCapture(fresh);
      if (fresh !== undefined) {
        this.use(fresh, wish);
        await this.connection?.replace(fresh);
        this.show(this.publisher === undefined ? 'preview' : 'live');
      } else await sleep(REPLUG_MS);
    }
  }

  private async goLive(): Promise<void> {
    const publisher = parseStreamKey(this.keyField.value);
    if (typeof publisher === 'string') return this.show('refused', publisher);
    this.keyField.value = streamKeyOf(publisher);
    handOver(this.keyField.value, sessionStorage);
    if (this.media === undefined && !(await this.open())) return;
    this.publisher = publisher;
    this.tabs.announce(publisher.streamId);
    await this.send(publisher);
  }

  /** Sends until the streamer stops or the server refuses for good. */
  private async send(publisher: Publisher): Promise<void> {
    this.show('connecting');
    const continuity = new Continuity();
    while (this.publisher === publisher && this.media !== undefined) {
      const maxBits = SIZES[this.settings.wish.height].bits;
      const connection = new Connection({ send: this.media, maxBits }, {});
      this.connection = connection;
      const url = path(ROUTES.media.whip, { id: publisher.streamId });
      let failure: unknown;
      try {
        await connection.open({ url, bearer: publisher.key, continues: continuity.continues });
        if (this.publisher === publisher) this.showLive(publisher);
        await connection.lost();
      } catch (error) {
        failure = error;
      }
      if (this.publisher !== publisher) return;
      if (continuity.isOver(connection.publishes, failure) && failure instanceof OfferRefusal)
        return failure.isTaken ? this.end('taken') : this.end('refused', failure.message);
      connection.close();
      this.show('interrupted');
      await sleep(RETRY_MS);
    }
  }

  /** Ends the broadcast, and forgets the key. */
  private async stop(): Promise<void> {
    forgetKey(sessionStorage);
    await this.end('idle', this.publisher === undefined ? STATE_WORDS.idle : STOPPED);
  }

  /**
   * Stops sending. A stream that another tab or browser has taken over gets no DELETE: the session is not ours.
   */
  private async end(state: PublishState, words?: string): Promise<void> {
    const { media, connection } = this;
    this.media = undefined;
    this.connection = undefined;
    this.publisher = undefined;
    this.preview.srcObject = null;
    this.show(state, words);
    if (state === 'taken') connection?.close();
    else await connection?.end();
    if (media !== undefined) stopCapture(media);
  }

  private showLive({ streamId }: Publisher): void {
    const link = element('watch-link', HTMLAnchorElement);
    link.href = watchHref(streamId);
    link.hidden = false;
    this.show('live');
  }

  private show(state: PublishState, words = STATE_WORDS[state]): void {
    this.state = state;
    document.body.dataset.state = state;
    element('status', HTMLElement).textContent = words;
    const sends = SENDS.includes(state);
    const busy = sends || state === 'asking';
    element('start', HTMLButtonElement).hidden = busy;
    element('show-preview', HTMLButtonElement).hidden = busy || this.media !== undefined;
    element('stop', HTMLButtonElement).hidden = !sends && this.media === undefined;
    this.keyField.disabled = sends;
    this.settings.disable(busy);
  }
}
