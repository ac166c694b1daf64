import { ApiRefusal } from '../api-call';
import { make } from '../make';
import { element } from '../page-elements';
import { type ConsoleClient, consoleClient } from './client';
import { ConsoleChat } from './console-chat';
import { healthView, keysView, nodesView } from './operations';

import { RecordingPlayer } from './recording-player';
import { StreamView } from './stream-view';
import { StreamsView } from './streams-view';
import { WebhooksView } from './webhooks-view';

/** The key of the API lasts as long as the tab; the home page stores it under the same name. */
const KEY_ITEM = 'admin-key';
const REFRESH_MS = 5000;

/** The console. The fragment of the address selects the view, and all data comes from the public API. */
export class ConsolePage {
  private readonly view = element('view', HTMLElement);
  private readonly message = element('message', HTMLElement);
  private readonly keyField = element('admin-key', HTMLInputElement);
  private readonly streams = new StreamsView(() => void this.show());
  private readonly webhooks = new WebhooksView(() => void this.show());
  private readonly player = new RecordingPlayer();
  private readonly chat = new ConsoleChat();
  private client: ConsoleClient | undefined;
  private stream: StreamView | undefined;
  /** Counts the views that were opened: a slow one does not replace a later one. */
  private shown = 0;

  run(): void {
    element('key-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.enter(this.keyField.value.trim());
    });
    element('leave', HTMLButtonElement).addEventListener('click', () => this.leave(''));
    element('close-player', HTMLButtonElement).addEventListener('click', () => this.player.close());
    window.addEventListener('hashchange', () => this.open());
    setInterval(() => this.refresh(), REFRESH_MS);
    const key = sessionStorage.getItem(KEY_ITEM);
    if (key !== null) this.enter(key);
  }

  private enter(key: string): void {
    if (key === '') {
      this.leave('Enter an API key or the admin key first.');
      return;
    }
    sessionStorage.setItem(KEY_ITEM, key);
    this.keyField.value = '';
    this.client = consoleClient(key);
    this.open();
  }

  private leave(why: string): void {
    sessionStorage.removeItem(KEY_ITEM);
    this.client = undefined;
    this.stream = undefined;
    this.player.close();
    this.chat.close();
    this.view.replaceChildren();
    element('console', HTMLElement).hidden = true;
    element('key-form', HTMLFormElement).hidden = false;
    this.message.textContent = why;
  }

  /** Opens the view that the address names. */
  private open(): void {
    const [, id] = /^#stream=([a-z0-9]{16})$/.exec(location.hash) ?? [];
    const act = (run: () => Promise<unknown>) => void this.attempt(run);
    const gone = () => location.assign('#streams');
    const play = (path: string) => this.player.play(path);
    const chat = async (streamId: string) => this.client && this.chat.open(this.client, streamId);
    this.stream = id === undefined ? undefined : new StreamView(id, { act, gone, play, chat });
    this.player.close();
    this.chat.close();
    for (const link of document.querySelectorAll('nav a'))
      if (link.getAttribute('href') === (location.hash || '#streams')) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    void this.show();
  }

  /** Leaves a view as it is while it is in use or not visible. */
  private refresh(): void {
    const isUsed = this.view.contains(document.activeElement) || this.view.querySelector('[data-armed]') !== null;
    if (this.client !== undefined && !document.hidden && !isUsed) void this.show();
  }

  private async attempt(run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
      await this.show();
    } catch (error) {
      this.tell(error);
    }
  }

  private async show(): Promise<void> {
    if (this.client === undefined) return;
    this.shown += 1;
    const { shown } = this;
    try {
      const parts = await this.read(this.client);
      if (shown !== this.shown) return;
      this.view.replaceChildren(make('section', {}, ...parts));
      element('console', HTMLElement).hidden = false;
      element('key-form', HTMLFormElement).hidden = true;
      this.message.textContent = '';
    } catch (error) {
      if (shown === this.shown) this.tell(error);
    }
  }

  private read(client: ConsoleClient): Promise<HTMLElement[]> {
    const act = (run: () => Promise<unknown>) => void this.attempt(run);
    if (this.stream !== undefined) return this.stream.show(client);
    if (location.hash === '#nodes') return nodesView(client, act);
    if (location.hash === '#keys') return keysView(client, act);
    if (location.hash === '#webhooks') return this.webhooks.show(client, act);
    if (location.hash === '#health') return healthView(client);
    return this.streams.show(client);
  }

  /** Forgets a key that is refused; shows any other error and goes on. */
  private tell(error: unknown): void {
    if (error instanceof ApiRefusal && error.status === 401) this.leave('This key is not valid.');
    else this.message.textContent = error instanceof ApiRefusal ? error.message : 'The API does not answer.';
  }
}
