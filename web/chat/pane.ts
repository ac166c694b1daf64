import { make } from '../make';
import { type ChatCalls, chatCalls } from './chat-calls';
import { lineItem } from './line-item';
import { Room } from './room';
import type { RoomEvent, You } from './room-events';

export interface PaneOptions {
  readonly root: HTMLElement;
  readonly streamId: string;
  /** Returns the room token of now; absent for a reader. */
  readonly token: () => string | undefined;
  readonly signal: AbortSignal;
  readonly send?: typeof fetch;
}

/** Older ones leave the pane; the room's own history is 100. */
const MAX_LINES = 200;
/** A list that is this near to its end follows it, in pixels. */
const NEAR_END = 40;
const SLOW_SECONDS = [0, 5, 30, 120, 600];
const STATES = {
  connecting: 'Connecting…',
  open: '',
  interrupted: 'The connection was interrupted. Trying again…',
  over: 'The chat is over.',
} as const;

/** The chat of one stream: its lines, a field to write with a room token, and a moderator's buttons. */
export class ChatPane {
  private readonly list = make('ul', {});
  private readonly log = make('div', { class: 'chat-log', label: 'Messages' }, this.list);
  private readonly status = make('p', { class: 'soft' });
  private readonly notice = make('p', { class: 'bad' });
  private readonly slow = make('p', { class: 'soft' });
  private readonly field = make('input', {});
  private readonly form = make('form', {}, make('label', {}, 'Message', this.field), make('button', {}, 'Send'));
  private readonly slowChoice = make('select', {});
  private readonly tools = make('label', {}, 'Slow mode', this.slowChoice);
  private readonly lines = new Map<number, HTMLElement>();
  private readonly restricted = new Map<string, 'mute' | 'ban'>();
  private readonly calls: ChatCalls;
  private readonly room: Room;
  private you: You | undefined;
  /** The id of the message in the field: kept until it is sent, so that a repeated attempt adds nothing. */
  private messageId: string | undefined;

  constructor({ root, streamId, token, signal, send = (url, init) => fetch(url, init) }: PaneOptions) {
    const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    this.room = new Room({
      streamId,
      token,
      send,
      sleep,
      signal,
      sight: document,
      onEvent: (event) => this.take(event),
      onState: (state, why) => {
        this.status.textContent = why ?? STATES[state];
        root.dataset.chat = state;
        if (state === 'over') this.show(undefined);
      },
    });
    this.calls = chatCalls({ streamId, send, token: () => this.room.token });
    this.log.tabIndex = 0;
    this.log.setAttribute('role', 'log');
    for (const said of [this.status, this.notice, this.slow]) said.setAttribute('role', 'status');
    this.field.autocomplete = 'off';
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.post();
    });
    this.field.addEventListener('input', () => {
      this.messageId = undefined;
    });
    this.slowChoice.append(...SLOW_SECONDS.map((each) => new Option(each === 0 ? 'off' : `${each} s`, String(each))));
    this.slowChoice.addEventListener('change', () => this.do(this.calls.slow(Number(this.slowChoice.value))));
    this.show(undefined);
    root.replaceChildren(
      ...[make('h2', {}, 'Chat'), this.tools, this.log, this.slow, this.status, this.notice, this.form],
    );
    root.hidden = false;
    void this.room.run();
  }

  private take({ kind, data }: RoomEvent): void {
    if (kind === 'room') {
      if (!data.resumed) this.clear();
      this.show(data.you);
      this.showSlow(data.slowSeconds);
    } else if (kind === 'message') this.add(data);
    else if (kind === 'deletion') this.drop(data.of);
    else if (kind === 'slow_mode') this.showSlow(data.slowSeconds);
    else if (kind === 'restriction') this.restrict(data.sender, data.restriction);
  }

  private clear(): void {
    this.lines.clear();
    this.list.replaceChildren();
  }

  private add(line: Extract<RoomEvent, { kind: 'message' }>['data']): void {
    if (this.lines.has(line.number)) return;
    const { log } = this;
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
    const isModerated = this.you?.role === 'moderator' && this.you.sender !== line.sender;
    const item = lineItem(line, isModerated ? this.tool(line.sender, line.number) : []);
    this.lines.set(line.number, item);
    this.list.append(item);
    const [oldest] = this.lines.keys();
    if (this.lines.size > MAX_LINES && oldest !== undefined) this.drop(oldest);
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  }

  private tool(sender: string, number: number): (readonly [string, () => void])[] {
    const isMuted = () => this.restricted.has(sender);
    return [
      ['Delete', () => this.do(this.calls.remove(number))],
      ['Mute', () => this.do(isMuted() ? this.calls.free(sender) : this.calls.restrict(sender, 'mute'))],
      ['Ban', () => this.do(this.calls.restrict(sender, 'ban'))],
    ];
  }

  private drop(number: number): void {
    this.lines.get(number)?.remove();
    this.lines.delete(number);
  }

  private restrict(sender: string, restriction: 'mute' | 'ban' | undefined): void {
    if (restriction === undefined) this.restricted.delete(sender);
    else this.restricted.set(sender, restriction);
    const word = restriction === undefined ? 'Mute' : 'Unmute';
    for (const tool of this.list.querySelectorAll(`[data-sender="${CSS.escape(sender)}"] [data-tool=Mute]`)) {
      tool.setAttribute('aria-label', (tool.getAttribute('aria-label') ?? '').replace(/^\w+/, word));
      tool.textContent = word;
    }
    if (sender !== this.you?.sender) return;
    this.notice.textContent = restriction === undefined ? '' : 'A moderator has muted you.';
  }

  private show(you: You | undefined): void {
    this.you = you;
    this.form.hidden = you === undefined;
    this.tools.hidden = you?.role !== 'moderator';
  }

  private showSlow(seconds: number): void {
    this.slow.textContent = seconds === 0 ? '' : `Slow mode: one message in ${seconds} s.`;
    const known = SLOW_SECONDS.includes(seconds);
    if (!known && this.slowChoice.querySelector(`[value="${seconds}"]`) === null)
      this.slowChoice.append(new Option(`${seconds} s`, String(seconds)));
    this.slowChoice.value = String(seconds);
  }

  private async post(): Promise<void> {
    const text = this.field.value;
    if (text.trim() === '') return;
    this.messageId ??= crypto.randomUUID();
    const { messageId } = this;
    const refused = await this.calls.post(text, messageId);
    this.notice.textContent = refused ?? '';
    if (refused !== undefined || this.messageId !== messageId) return;
    this.messageId = undefined;
    this.field.value = '';
  }

  private do(done: Promise<string | undefined>): void {
    void done.then((refused) => {
      this.notice.textContent = refused ?? '';
    });
  }
}
