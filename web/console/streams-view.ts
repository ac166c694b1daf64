import { make } from '../make';
import type { ConsoleClient, StreamInList } from './client';
import { button, list } from './parts';

const STATUSES = ['', 'live', 'reconnecting', 'ended', 'idle'] as const;

/** The list of streams with status, search by the beginning of the title, and pages. It keeps its filter. */
export class StreamsView {
  private status = '';
  private title = '';
  /** Cursors of the pages before this one, the newest last. */
  private cursors: (string | undefined)[] = [];
  private cursor: string | undefined;

  constructor(private readonly again: () => void) {}

  async show(client: ConsoleClient): Promise<HTMLElement[]> {
    const { status, title, cursor } = this;
    const { streams, nextCursor } = await client.streams({ status, title, cursor });
    const none = status === '' && title === '' ? 'No streams yet.' : 'No stream is like this.';
    return [
      make('h2', {}, 'Streams'),
      this.filter(),
      list('Streams', streams.map(item), none),
      make(
        'div',
        { class: 'buttons' },
        ...(this.cursors.length === 0 ? [] : [button('Back', 'to the streams before', () => this.back())]),
        ...(nextCursor === undefined ? [] : [button('More', 'streams', () => this.forward(nextCursor))]),
      ),
    ];
  }

  private filter(): HTMLElement {
    const status = make('select');
    for (const each of STATUSES)
      status.append(new Option(each === '' ? 'all' : each, each, false, each === this.status));
    status.id = 'filter-status';
    const title = make('input');
    title.id = 'filter-title';
    title.value = this.title;
    title.maxLength = 200;
    title.type = 'search';
    const form = make(
      'form',
      {},
      make('label', { class: 'short' }, 'Status', status),
      make('label', {}, 'Title begins with', title),
      make('button', { class: 'plain' }, 'Search'),
    );
    const search = () => {
      this.status = status.value;
      this.title = title.value.trim();
      this.cursors = [];
      this.cursor = undefined;
      this.again();
    };
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      search();
    });
    status.addEventListener('change', search);
    return form;
  }

  private forward(cursor: string): void {
    this.cursors.push(this.cursor);
    this.cursor = cursor;
    this.again();
  }

  private back(): void {
    this.cursor = this.cursors.pop();
    this.again();
  }
}

function item({ id, title, status, policy, suspended }: StreamInList): HTMLLIElement {
  const link = make('a', {}, title === '' ? id : title);
  link.href = `#stream=${id}`;
  link.dir = 'auto';
  return make(
    'li',
    {},
    link,
    make('span', { class: 'soft' }, policy === 'open' ? id : `${id}, gated`),
    make('span', { class: `status-${status}` }, suspended === undefined ? status : `${status}, suspended`),
  );
}
