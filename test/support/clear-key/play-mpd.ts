import type { Page } from 'playwright-core';

/** The outcome of playing an MPD: seconds played, pictures decoded, waits after the start, keys asked for. */
export interface Played {
  seconds: number;
  pictures: number;
  waits: number;
  licenses: number;
  keys: number;
}

/**
 * Plays an MPD in a page of its host by the browser's own means alone, MSE and EME: the media that it names from its
 * `fromEnd`th last segment on, with licenses from where its ContentProtection says. It follows no update.
 */
export const playMpd = (page: Page, { mpd, fromEnd }: { mpd: string; fromEnd: number }): Promise<Played> =>
  page.evaluate(playInPage, { mpd, fromEnd });

/** Runs in the page: it may use nothing from here. */
async function playInPage({ mpd, fromEnd }: { mpd: string; fromEnd: number }): Promise<Played> {
  const text = await (await fetch(mpd)).text();
  const document_ = new DOMParser().parseFromString(text, 'application/xml');
  const named = (from: Element | Document, name: string) => [...from.getElementsByTagName(name)];
  const bytesOf = async (url: string): Promise<ArrayBuffer> => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    return answer.arrayBuffer();
  };
  const licenseUrl = named(document_, 'dashif:Laurl')[0]?.textContent ?? '';
  const partsOf = (kind: string) => {
    const all = named(document_, 'Period').flatMap((period) => {
      const set = named(period, 'AdaptationSet').find((each) => each.getAttribute('contentType') === kind);
      const template = set && named(set, 'SegmentTemplate')[0];
      if (set === undefined || template === undefined) return [];
      const first = Number(template.getAttribute('startNumber'));
      const count = named(template, 'S').reduce((sum, s) => sum + 1 + Number(s.getAttribute('r') ?? 0), 0);
      return Array.from({ length: count }, (_, index) => ({
        init: template.getAttribute('initialization') ?? '',
        media: (template.getAttribute('media') ?? '').replace('$Number$', `${first + index}`),
        codecs: named(set, 'Representation')[0]?.getAttribute('codecs') ?? '',
      }));
    });
    return all.slice(-fromEnd);
  };
  const log = { licenses: 0, keys: 0, waits: 0 };
  const video = document.createElement('video');
  video.muted = true;
  document.body.append(video);
  const capability = (kind: string) => [{ contentType: `${kind}/mp4; codecs="${partsOf(kind)[0]?.codecs}"` }];
  const access = await navigator.requestMediaKeySystemAccess('org.w3.clearkey', [
    { initDataTypes: ['cenc'], videoCapabilities: capability('video'), audioCapabilities: capability('audio') },
  ]);
  const mediaKeys = await access.createMediaKeys();
  await video.setMediaKeys(mediaKeys);
  const seen = new Set<string>();
  video.addEventListener('encrypted', (event) => {
    const { initData } = event;
    const mark = initData === null ? '' : new Uint8Array(initData).join();
    if (initData === null || seen.has(mark)) return;
    seen.add(mark);
    const session = mediaKeys.createSession();
    session.addEventListener('message', async ({ message }) => {
      const answer = await fetch(licenseUrl, { method: 'POST', body: message });
      if (!answer.ok) return;
      const license = await answer.arrayBuffer();
      log.licenses += 1;
      log.keys += JSON.parse(new TextDecoder().decode(license)).keys.length;
      await session.update(license);
    });
    void session.generateRequest(event.initDataType, initData);
  });
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise((open) => source.addEventListener('sourceopen', open, { once: true }));
  const bufferOf = (kind: string) => source.addSourceBuffer(`${kind}/mp4; codecs="${partsOf(kind)[0]?.codecs}"`);
  const fill = async (kind: string, buffer: SourceBuffer) => {
    const parts = partsOf(kind);
    const append = async (bytes: ArrayBuffer) => {
      const done = new Promise((resolve) => buffer.addEventListener('updateend', resolve, { once: true }));
      buffer.appendBuffer(bytes);
      await done;
    };
    let init = '';
    for (const part of parts) {
      if (part.init !== init) await append(await bytesOf(part.init));
      init = part.init;
      await append(await bytesOf(part.media));
    }
  };
  // No buffer can be added once there is media in one.
  const picture = bufferOf('video');
  const sound = bufferOf('audio');
  const buffers = [picture, sound];
  await fill('video', picture);
  await fill('audio', sound);
  source.endOfStream();
  const from = Math.max(...buffers.map(({ buffered }) => buffered.start(0)));
  const to = Math.min(...buffers.map(({ buffered }) => buffered.end(buffered.length - 1)));
  video.currentTime = from;
  await video.play();
  const until = async (reached: () => boolean, limitMs: number) => {
    const endsAt = performance.now() + limitMs;
    while (!reached() && performance.now() < endsAt) await new Promise((again) => setTimeout(again, 100));
  };
  await until(() => video.currentTime > from + 0.3, 20_000);
  video.addEventListener('waiting', () => {
    if (video.currentTime < to - 0.3) log.waits += 1;
  });
  await until(() => video.ended || video.currentTime >= to - 0.3, 2000 * (to - from));
  const pictures = video.getVideoPlaybackQuality().totalVideoFrames;
  return { ...log, seconds: video.currentTime - from, pictures };
}
