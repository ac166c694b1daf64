import type { Page } from 'playwright-core';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { builtPages } from '../support/platform/built-pages';
import { realPart } from '../support/platform/real-part';
import { eventually } from '../support/platform/viewer';

const ID = 'abcdefgh01234567';
const KEY = `sk_${'a2'.repeat(16)}`;

interface Receiving extends Window {
  connection?: RTCPeerConnection;
}

/** Answers an offer as a media server does: with candidates of its own. Runs in a page. */
async function answerOffer(sdp: string): Promise<string> {
  const view: Receiving = window;
  view.connection?.close();
  const connection = new RTCPeerConnection();
  view.connection = connection;
  await connection.setRemoteDescription({ type: 'offer', sdp });
  await connection.setLocalDescription();
  while (connection.iceGatheringState !== 'complete') await new Promise((resolve) => setTimeout(resolve, 20));
  return connection.localDescription?.sdp ?? '';
}

const connectionState = (): string | undefined => {
  const view: Receiving = window;
  return view.connection?.connectionState;
};

/** Returns a reader of the states that the connections of a page went through; `page` is loaded again for it. */
async function statesOfConnections(page: Page): Promise<() => Promise<unknown>> {
  await page.addInitScript(() => {
    const states: string[] = [];
    const Native = RTCPeerConnection;
    const watched = (...given: ConstructorParameters<typeof RTCPeerConnection>) => {
      const peer = new Native(...given);
      peer.addEventListener('connectionstatechange', () => states.push(peer.connectionState));
      return peer;
    };
    Object.assign(window, {
      states,
      RTCPeerConnection: new Proxy(Native, { construct: (_, given) => watched(...given) }),
    });
  });
  await page.reload();
  return () => page.evaluate('states');
}

const framesReceived = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const view: Receiving = window;
    const figures = [...((await view.connection?.getStats()) ?? [])].map(
      ([, figure]: [string, Record<string, unknown>]) => figure,
    );
    return Number(figures.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video')?.framesReceived ?? 0);
  });

realPart('the page to publish, in Chromium', missingBrowser, () => {
  const pages = builtPages();
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let web: string;

  beforeAll(async () => {
    web = await pages.start();
    browser = await openBrowser(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']);
    // The page has the camera's permission: then addresses are not hidden behind names that a network would have to
    // resolve.
    await browser.context.grantPermissions(['camera', 'microphone']);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await pages.stop();
  }, 30_000);

  const open = async () => {
    const page = await browser.context.newPage();
    await page.goto(`${web}/publish.html`);
    return { page, state: (name: string) => page.waitForSelector(`body[data-state=${name}]`, { timeout: 60_000 }) };
  };

  it('sends camera and sound by WHIP, comes back after an interruption, and ends its session', async () => {
    const { page, state } = await open();
    const states = await statesOfConnections(page);
    const receiver = await browser.context.newPage();
    const openAtGoodbye: (string | undefined)[] = [];
    const asked: { method: string; path: string; authorization: string | undefined; candidates: number }[] = [];
    await page.route('**/api/v1/whip/**', async (route) => {
      const request = route.request();
      const sdp = request.postData() ?? '';
      const { authorization } = request.headers();
      const candidates = sdp.split('a=candidate:').length - 1;
      asked.push({ method: request.method(), path: new URL(request.url()).pathname, authorization, candidates });
      if (request.method() === 'DELETE') {
        openAtGoodbye.push(await receiver.evaluate(connectionState));
        return route.fulfill({ status: 200 });
      }
      const body = await receiver.evaluate(answerOffer, sdp);
      const headers = { 'Content-Type': 'application/sdp', Location: `/api/v1/whip/${ID}/session-${asked.length}` };
      return route.fulfill({
        status: 201,
        headers: { ...headers, Link: '<stun:127.0.0.1:9>; rel="ice-server"' },
        body,
      });
    });

    await page.fill('#stream-key', `${ID}?key=${KEY}`);
    await page.click('#start');
    await state('live');
    while ((await framesReceived(receiver)) < 30) await new Promise((resolve) => setTimeout(resolve, 100));
    // Not `waitForFunction`: it waits for frames of a page, and this one is behind the other.
    while (!(await page.textContent('#bitrate'))?.includes('kbit/s'))
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await page.getAttribute('#watch-link', 'href')).toBe(`watch.html?id=${ID}`);

    await receiver.evaluate(() => {
      const view: Receiving = window;
      view.connection?.close();
    });
    await state('interrupted');
    // The page does not wait until the browser gives the connection up, which takes it some 20 s.
    expect(await states()).toEqual(expect.arrayContaining(['connected', 'disconnected']));
    expect(await states()).not.toContain('failed');
    await state('live');
    while ((await framesReceived(receiver)) < 10) await new Promise((resolve) => setTimeout(resolve, 100));

    await page.click('#stop');
    await state('idle');
    expect(await page.textContent('#status')).toContain('over for your viewers');
    while (asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    const authorization = `Bearer ${KEY}`;
    const offer = { method: 'POST', path: `/api/v1/whip/${ID}`, authorization, candidates: 0 };
    const end = (at: number) => ({ ...offer, method: 'DELETE', path: `/api/v1/whip/${ID}/session-${at}` });
    // An interruption is no goodbye: that would end the broadcast.
    expect(asked).toEqual([offer, offer, end(2)]);
    expect(openAtGoodbye).toEqual(['connected']);
    expect(page.url()).not.toContain(KEY);
  }, 150_000);

  it.each([
    ['a key that is not whole', 'nonsense', undefined, /begins with the stream/],
    [
      'what the API says',
      `${ID}?key=${KEY}`,
      { status: 403, body: '{"detail":"the stream is suspended"}' },
      /suspended/,
    ],
  ])(
    'is refused with %s',
    async (_name, key, answer, words) => {
      const { page, state } = await open();
      if (answer) await page.route('**/api/v1/whip/**', (route) => route.fulfill(answer));
      await page.fill('#stream-key', key);
      await page.click('#start');
      await state('refused');
      expect(await page.textContent('#status')).toMatch(words);
      expect(await page.isEnabled('#start')).toBe(true);
    },
    30_000,
  );

  it('takes the key over from the page that made it', async () => {
    const { page } = await open();
    await page.goto(`${web}/index.html`);
    await page.evaluate((key) => {
      for (const id of ['operator', 'created']) document.getElementById(id)?.removeAttribute('hidden');
      const field = document.getElementById('stream-key');
      if (field instanceof HTMLInputElement) field.value = key;
    }, `${ID}?key=${KEY}`);
    await page.click('#publish-link');
    await page.waitForURL('**/publish.html');
    expect(await page.inputValue('#stream-key')).toBe(`${ID}?key=${KEY}`);
    await page.reload();
    expect(await page.inputValue('#stream-key')).toBe(`${ID}?key=${KEY}`);
    await page.goBack();
    await page.goForward();
    expect(await page.inputValue('#stream-key')).toBe(`${ID}?key=${KEY}`);
  }, 30_000);

  /** Starts a server that accepts every client, and returns its requests. */
  const taking = async (page: Page) => {
    const receiver = await browser.context.newPage();
    const asked: string[] = [];
    await page.route('**/api/v1/whip/**', async (route) => {
      const request = route.request();
      asked.push(request.method());
      if (request.method() === 'DELETE') return route.fulfill({ status: 200 });
      const body = await receiver.evaluate(answerOffer, request.postData() ?? '');
      const headers = { 'Content-Type': 'application/sdp', Location: `/api/v1/whip/${ID}/session-${asked.length}` };
      return route.fulfill({ status: 201, headers, body });
    });
    return { asked, receiver };
  };

  it('the streamer alone sees a preview of the chosen camera and size before anything is sent', async () => {
    const { page, state } = await open();
    const { asked, receiver } = await taking(page);
    await page.click('#show-preview');
    await state('preview');
    const sizeOf = () =>
      page.evaluate(() => {
        const video = document.querySelector('video');
        return `${video?.videoWidth} ${video?.videoHeight}`;
      });
    await eventually('720p', 10, async () => (await sizeOf()) === '1280 720');
    await page.selectOption('#size', '360');
    await eventually('360p', 10, async () => (await sizeOf()) === '640 360');
    expect(await page.isVisible('#camera')).toBe(true);
    const cameras = await page.locator('#camera option').allTextContents();
    expect(cameras[0]).toBe('Any camera');
    expect(cameras.length).toBeGreaterThan(1);
    await page.selectOption('#camera', { index: 1 });
    await state('preview');
    expect(asked).toEqual([]);
    await page.fill('#stream-key', `rtmp://127.0.0.1:18081/live/${ID}?key=${KEY}`);
    await page.click('#start');
    await state('live');
    while ((await framesReceived(receiver)) < 10) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await page.isDisabled('#size')).toBe(true);
    expect(asked).toEqual(['POST']);
    await page.click('#stop');
    await state('idle');
    await page.reload();
    expect(await page.inputValue('#stream-key')).toBe('');
    for (const each of [page, receiver]) await each.close();
  }, 120_000);

  it('asks before it is left while it is live', async () => {
    const { page, state } = await open();
    await taking(page);
    await page.fill('#stream-key', `${ID}?key=${KEY}`);
    await page.click('#start');
    await state('live');
    const asked = new Promise<string>((resolve) => {
      page.once('dialog', async (dialog) => {
        resolve(dialog.type());
        await dialog.accept();
      });
    });
    await page.close({ runBeforeUnload: true });
    expect(await asked).toBe('beforeunload');
  }, 120_000);

  it('goes on by itself when its camera is connected again', async () => {
    const { page, state } = await open();
    const { asked, receiver } = await taking(page);
    await page.fill('#stream-key', `${ID}?key=${KEY}`);
    await page.click('#start');
    await state('live');
    await page.evaluate(() => {
      const { mediaDevices } = navigator;
      const take = mediaDevices.getUserMedia.bind(mediaDevices);
      const gone = () => Promise.reject(new DOMException('no camera', 'NotFoundError'));
      Object.assign(mediaDevices, { getUserMedia: gone });
      Object.assign(window, { connectAgain: () => Object.assign(mediaDevices, { getUserMedia: take }) });
      const { srcObject } = document.querySelector('video') ?? {};
      if (!(srcObject instanceof MediaStream)) throw new Error('no preview');
      for (const track of srcObject.getTracks()) {
        track.stop();
        track.dispatchEvent(new Event('ended'));
      }
    });
    await state('unplugged');
    const before = await framesReceived(receiver);
    await page.evaluate('connectAgain()');
    await state('live');
    await eventually('frames of the camera', 20, async () => (await framesReceived(receiver)) > before + 10);
    expect(asked).toEqual(['POST']);
    for (const each of [page, receiver]) await each.close({ runBeforeUnload: false });
  }, 120_000);

  it('two tabs do not take the stream from each other: the newer one has it, and the older one says so', async () => {
    const older = await open();
    const newer = await open();
    const first = await taking(older.page);
    const second = await taking(newer.page);
    for (const { page, state } of [older, newer]) {
      await page.bringToFront();
      await page.fill('#stream-key', `${ID}?key=${KEY}`);
      await page.click('#start');
      await state('live');
    }
    await older.state('taken');
    expect(await older.page.textContent('#status')).toContain('another tab');
    expect([first.asked, second.asked]).toEqual([['POST'], ['POST']]);
    for (const page of [older.page, newer.page, first.receiver, second.receiver]) await page.close();
  }, 120_000);

  it('does not take a stream back from another browser by itself, but says so, and “Go live” does', async () => {
    const { page, state } = await open();
    const receiver = await browser.context.newPage();
    const asked: [string, string | undefined][] = [];
    await page.route('**/api/v1/whip/**', async (route) => {
      const request = route.request();
      const continues = request.headers()['srs-live-session'];
      asked.push([request.method(), continues]);
      if (continues !== undefined)
        return route.fulfill({ status: 409, body: '{"code":"publisher_replaced","detail":"it is taken"}' });
      const body = await receiver.evaluate(answerOffer, request.postData() ?? '');
      const headers = { 'Content-Type': 'application/sdp', Location: `/api/v1/whip/${ID}/session-1` };
      return route.fulfill({ status: 201, headers: { ...headers, 'Srs-Live-Session': '1-abcdefgh' }, body });
    });
    await page.fill('#stream-key', `${ID}?key=${KEY}`);
    await page.click('#start');
    await state('live');
    await receiver.evaluate(() => {
      const view: Receiving = window;
      view.connection?.close();
    });
    await state('taken');
    expect(await page.textContent('#status')).toContain('published from elsewhere');
    await page.bringToFront();
    await page.click('#start');
    await state('live');
    expect(asked).toEqual([
      ['POST', undefined],
      ['POST', '1-abcdefgh'],
      ['POST', undefined],
    ]);
    for (const each of [page, receiver]) await each.close({ runBeforeUnload: false });
  }, 120_000);
});
