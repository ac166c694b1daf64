import type { IncomingMessage, ServerResponse } from 'node:http';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { missingBrowser, openBrowser } from '../../support/platform/browser';
import { builtPages } from '../../support/platform/built-pages';
import { realPart } from '../../support/platform/real-part';
import { eventually } from '../../support/platform/viewer';

const ID = 'abcdefgh01234567';
const ROOM = `/api/v1/streams/${ID}/chat`;
const PEOPLE: Readonly<Record<string, object>> = {
  'token-ada': { sender: 'a'.repeat(16), name: 'Ada', role: 'viewer' },
  'token-odd': { sender: 'b'.repeat(16), name: '\u202eevil\u202e'.repeat(4), role: 'viewer' },
  'token-mod': { sender: 'm'.repeat(16), name: 'Mo', role: 'moderator' },
};

/** A room as the function `chat` answers it, with the forms of events of the contract and no rule of its own. */
class StandInRoom {
  private readonly readers = new Set<ServerResponse>();
  private entries: string[] = [];
  readonly asked: string[] = [];

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').slice(ROOM.length);
    const you = PEOPLE[(request.headers.authorization ?? '').replace('Bearer ', '')];
    let body = '';
    for await (const part of request) body += part;
    this.asked.push(`${request.method} ${path} ${body}`);
    const sent = body === '' ? {} : JSON.parse(body);
    if (request.method === 'GET') return this.read(response, you, request.headers['last-event-id']);
    if (request.method === 'POST') this.add('message', { ...you, text: sent.text, sentAt: '2026-11-20T10:00:00.000Z' });
    if (request.method === 'DELETE' && path.startsWith('/messages/'))
      this.add('deletion', { of: Number(path.split('/').at(-1)) });
    if (path.startsWith('/restrictions/'))
      this.add('restriction', { sender: path.split('/').at(-1), restriction: sent.kind });
    if (path === '/slow-mode') this.add('slow_mode', sent);
    response.writeHead(request.method === 'POST' ? 201 : 200, { 'content-type': 'application/json' }).end('{}');
  }

  add(event: string, data: object): void {
    const number = this.entries.length + 1;
    this.entries.push(`id: ${number}\nevent: ${event}\ndata: ${JSON.stringify({ number, ...data })}\n\n`);
    for (const reader of this.readers) reader.write(this.entries.at(-1));
  }

  /** Ends every connection without a word, as an instance that is killed. */
  cut(): void {
    for (const reader of this.readers) reader.destroy();
    this.readers.clear();
  }

  clear(): void {
    this.cut();
    this.entries = [];
    this.asked.length = 0;
  }

  private read(response: ServerResponse, you: object | undefined, last: string | string[] | undefined): void {
    const from = Number(last ?? 0);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`retry: 100\nevent: room\ndata: ${JSON.stringify({ resumed: from > 0, slowSeconds: 0, you })}\n\n`);
    for (const entry of this.entries.slice(from)) response.write(entry);
    this.readers.add(response);
    response.on('close', () => this.readers.delete(response));
  }
}

interface WithAxe extends Window {
  axe?: typeof axe;
}

realPart('the chat beside the picture, in Chromium', missingBrowser, () => {
  const room = new StandInRoom();
  let hasChat = true;
  const scripts: string[] = [];
  const pages = builtPages((pathname, response) => {
    if (pathname.endsWith('.js')) scripts.push(pathname);
    if (pathname.startsWith(ROOM)) {
      void room.answer(response.req, response);
      return true;
    }
    if (pathname !== `/api/v1/streams/${ID}/public`) return false;
    const answer = { id: ID, title: 'Town hall', policy: 'open', state: 'idle', ...(hasChat && { chat: true }) };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    return true;
  });
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let web: string;
  beforeAll(async () => {
    web = await pages.start();
    browser = await openBrowser();
  }, 60_000);
  beforeEach(() => {
    room.clear();
    scripts.length = 0;
    hasChat = true;
  });
  afterAll(async () => {
    room.cut();
    await browser?.close();
    await pages.stop();
  }, 30_000);

  async function open(token?: string, page = 'watch.html'): Promise<Page> {
    const opened = await browser.context.newPage();
    await opened.goto(`${web}/${page}?id=${ID}${token === undefined ? '' : `#chat=${token}`}`);
    await opened.waitForSelector('[data-chat=open]');
    return opened;
  }
  const texts = (page: Page) => page.locator('.chat-text').allTextContents();
  const waitFor = (page: Page, wanted: readonly string[]) =>
    page.waitForFunction(
      (all) => JSON.stringify([...document.querySelectorAll('.chat-text')].map((each) => each.textContent)) === all,
      JSON.stringify(wanted),
    );
  async function say(page: Page, text: string): Promise<void> {
    await page.getByLabel('Message', { exact: true }).fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  }

  it('is loaded only where the stream has one', async () => {
    hasChat = false;
    const page = await browser.context.newPage();
    await page.goto(`${web}/watch.html?id=${ID}`);
    await page.waitForSelector('body[data-state=waiting]');
    expect(await page.isVisible('#chat')).toBe(false);
    expect(scripts).not.toContain('/chat.js');
    expect(room.asked).toEqual([]);
    await page.close();
  }, 60_000);

  it('is written by two viewers and moderated by a third, and what was cut off comes once', async () => {
    const ada = await open('token-ada');
    const odd = await open('token-odd');
    const mod = await open('token-mod');
    await say(ada, 'hello');
    await say(odd, '<img src=x onerror=alert(1)>');
    for (const page of [ada, odd, mod]) await waitFor(page, ['hello', '<img src=x onerror=alert(1)>']);
    expect(await ada.locator('.chat-log img').count()).toBe(0);
    expect(await ada.getByRole('button', { name: 'Delete' }).count()).toBe(0);

    room.cut();
    room.add('message', { ...PEOPLE['token-ada'], text: 'while away' });
    for (const page of [ada, odd, mod]) await waitFor(page, ['hello', '<img src=x onerror=alert(1)>', 'while away']);

    await mod.getByRole('button', { name: 'Delete Ada' }).first().click();
    for (const page of [ada, odd, mod]) await waitFor(page, ['<img src=x onerror=alert(1)>', 'while away']);
    await mod.getByRole('button', { name: 'Mute Ada' }).click();
    await ada.getByText('A moderator has muted you.').waitFor();
    await mod.getByRole('button', { name: 'Unmute Ada' }).click();
    await ada.getByText('A moderator has muted you.').waitFor({ state: 'detached' });
    await mod.getByLabel('Slow mode').selectOption('30');
    await odd.getByText('Slow mode: one message in 30 s.').waitFor();
    await mod.getByRole('button', { name: /^Ban/ }).first().click();
    await eventually('the ban', 10, async () =>
      room.asked.includes(`PUT /restrictions/${'b'.repeat(16)} {"kind":"ban"}`),
    );
    for (const page of [ada, odd, mod]) await page.close();
  }, 120_000);

  it.each([390, 1280])(
    'stays within its width and has no fault of accessibility at %d pixels, whatever is written',
    async (width) => {
      const page = await open('token-mod');
      await page.setViewportSize({ width, height: 844 });
      const odd = [
        'W'.repeat(200),
        `\u202e${'نص'.repeat(40)}\u2066`,
        'ก็'.repeat(60),
        'a\n'.repeat(100),
        '👩‍👩‍👧‍👦'.repeat(50),
      ];
      for (const text of odd)
        room.add('message', { sender: 'c'.repeat(16), name: 'W'.repeat(40), role: 'viewer', text });
      await waitFor(page, odd);
      expect(await texts(page)).toEqual(odd);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      const outside = await page.evaluate(() => {
        const log = document.querySelector('.chat-log')?.getBoundingClientRect();
        return [...document.querySelectorAll('.chat-log bdi, .chat-log button')].filter((each) => {
          const box = each.getBoundingClientRect();
          return log === undefined || box.left < log.left || box.right > log.right;
        }).length;
      });
      expect(outside).toBe(0);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(axe.source);
        const found = await page.evaluate(async () => {
          const view: WithAxe = window;
          return ((await view.axe?.run(document))?.violations ?? []).flatMap(({ id, nodes }) =>
            nodes.map(({ html }) => `${id}: ${html}`),
          );
        });
        expect([colorScheme, found]).toEqual([colorScheme, []]);
      }
      const folder = process.env.SCREENSHOTS;
      if (folder !== undefined) await page.screenshot({ path: `${folder}/chat-${width}.png`, fullPage: true });
      await page.close();
    },
    120_000,
  );

  it('stands beside the picture of a wide embed, and not in a narrow one', async () => {
    const page = await browser.context.newPage();
    await page.setViewportSize({ width: 1000, height: 500 });
    await page.goto(`${web}/embed.html?id=${ID}`);
    await page.waitForSelector('[data-chat=open]');
    expect(await page.isVisible('#chat')).toBe(true);
    expect(await page.getByRole('button', { name: 'Send' }).isVisible()).toBe(false);
    await page.goto('about:blank');
    room.clear();
    await page.setViewportSize({ width: 390, height: 300 });
    await page.goto(`${web}/embed.html?id=${ID}`);
    await page.waitForSelector('body[data-state=waiting]');
    expect(room.asked).toEqual([]);
    await page.close();
  }, 60_000);
});
