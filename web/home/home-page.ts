import type { Policy } from '../../functions/contract/ids';
import type { Encryption } from '../../functions/contract/objects/encryption';
import { ApiRefusal } from '../api-call';
import { copyFrom, element } from '../page-elements';
import { handOver } from '../publish-key';
import { watchHref } from '../stream-link';
import { type ApiClient, apiClient, type ListedStream, type StreamToPublish } from './api-client';
import { publishSettings } from './publish-settings';

/** The key of the API lasts as long as the tab. */
const KEY_ITEM = 'admin-key';
const REFRESH_MS = 5000;
/** The choices of the form; the schema of the API would bring all of zod into the page. */
const ENCRYPTIONS = ['none', 'aes-128', 'cbcs', 'cenc'] as const satisfies readonly Encryption[];

/** The operator's corner of the home page: streams, and a new one with what an encoder needs. */
export class HomePage {
  private readonly streams = element('streams', HTMLUListElement);
  private readonly message = element('message', HTMLElement);
  private readonly keyField = element('admin-key', HTMLInputElement);
  private readonly operator = element('operator', HTMLElement);
  private client: ApiClient | undefined;

  run(): void {
    element('key-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.enter(this.keyField.value.trim());
    });
    element('create-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.create();
    });
    element('leave', HTMLButtonElement).addEventListener('click', () => this.leave(''));
    element('publish-link', HTMLAnchorElement).addEventListener('click', () => {
      handOver(element('stream-key', HTMLInputElement).value, sessionStorage);
    });
    for (const name of ['server', 'stream-key', 'ffmpeg']) this.wireCopy(name);
    setInterval(() => void this.refresh(), REFRESH_MS);
    const key = sessionStorage.getItem(KEY_ITEM);
    if (key !== null) void this.enter(key);
  }

  private async enter(key: string): Promise<void> {
    if (key === '') return this.leave('Enter the admin key first.');
    sessionStorage.setItem(KEY_ITEM, key);
    this.keyField.value = '';
    this.client = apiClient(key);
    await this.refresh();
  }

  private leave(why: string): void {
    sessionStorage.removeItem(KEY_ITEM);
    this.client = undefined;
    this.operator.hidden = true;
    element('created', HTMLElement).hidden = true;
    element('stream-key', HTMLInputElement).value = '';
    element('ffmpeg', HTMLTextAreaElement).value = '';
    this.message.textContent = why;
  }

  private async refresh(): Promise<void> {
    if (this.client === undefined || document.hidden) return;
    await this.attempt(async (client) => this.showStreams(await client.list()));
  }

  private async create(): Promise<void> {
    const title = element('title', HTMLInputElement);
    await this.attempt(async (client) => {
      const policy = element('policy', HTMLSelectElement).value === 'gated' ? 'gated' : 'open';
      const chosen = element('encryption', HTMLSelectElement).value;
      const encryption = ENCRYPTIONS.find((known) => known === chosen) ?? 'none';
      this.showKey(await client.create({ title: title.value.trim(), policy, encryption }), policy);
      title.value = '';
    });
    await this.refresh();
  }

  /** Shows the settings of an encoder, which are shown once only. */
  private showKey({ id, ingest }: StreamToPublish, policy: Policy): void {
    const settings = publishSettings(ingest.rtmp);
    element('server', HTMLInputElement).value = settings.server;
    element('stream-key', HTMLInputElement).value = settings.streamKey;
    element('ffmpeg', HTMLTextAreaElement).value = settings.ffmpeg;
    this.leadToWatch(element('watch-link', HTMLAnchorElement), { id, policy });
    const created = element('created', HTMLElement);
    created.hidden = false;
    created.scrollIntoView({ block: 'nearest' });
  }

  /** Makes the link to the watch page. The grant of a gated stream is made at the click. */
  private leadToWatch(link: HTMLAnchorElement, { id, policy }: Pick<ListedStream, 'id' | 'policy'>): void {
    link.href = watchHref(id);
    link.onclick = (event) => {
      if (policy === 'open') return;
      event.preventDefault();
      void this.attempt(async (client) => location.assign(await client.grant(id)));
    };
  }

  /** Forgets a key that is refused; shows any other error and goes on. */
  private async attempt(run: (client: ApiClient) => Promise<void>): Promise<void> {
    if (this.client === undefined) return;
    try {
      await run(this.client);
      this.operator.hidden = false;
      this.message.textContent = '';
    } catch (error) {
      if (error instanceof ApiRefusal && error.status === 401) this.leave('This is not the admin key.');
      else this.message.textContent = error instanceof ApiRefusal ? error.message : 'The API does not answer.';
    }
  }

  private showStreams(streams: readonly ListedStream[]): void {
    const none = document.createElement('li');
    none.textContent = 'No streams yet.';
    this.streams.replaceChildren(...(streams.length === 0 ? [none] : streams.map((stream) => this.streamItem(stream))));
  }

  private newKeyButton({ id, policy, title }: ListedStream): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'plain';
    button.textContent = 'New key';
    button.setAttribute('aria-label', `New key for ${title === '' ? id : title}`);
    button.addEventListener(
      'click',
      () => void this.attempt(async (client) => this.showKey(await client.newKey(id), policy)),
    );
    return button;
  }

  private wireCopy(name: string): void {
    const field = document.getElementById(name);
    const button = element(`copy-${name}`, HTMLButtonElement);
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)
      button.addEventListener('click', () => void copyFrom(field, button));
  }

  private streamItem(stream: ListedStream): HTMLLIElement {
    const { id, title, status, policy } = stream;
    const item = document.createElement('li');
    const link = document.createElement('a');
    this.leadToWatch(link, stream);
    link.textContent = title === '' ? id : title;
    const name = document.createElement('span');
    name.className = 'soft';
    name.textContent = policy === 'open' ? id : `${id}, gated`;
    const state = document.createElement('span');
    state.className = `status-${status}`;
    state.textContent = status;
    item.append(link, name, state, this.newKeyButton(stream));
    return item;
  }
}
