import { parseMediaPlaylist } from '../../functions/core/playlist/media-playlist';
import { cutWithin } from '../../srs-image/agent/inspect/cut-within';
import { probe } from '../../srs-image/agent/inspect/probe';
import { coturnMissing } from '../support/network/coturn';
import { namespacesMissing, tcpOnly } from '../support/network/tcp-only';
import { chromiumPath } from '../support/platform/browser';
import { decode } from '../support/platform/media';
import { realPart } from '../support/platform/real-part';
import { SrsPlatform, srsMissing } from '../support/platform/srs-platform';
import { eventually, livePlaylist, statusOf } from '../support/platform/viewer';
import type { Watcher } from '../support/platform/watcher';
import { goLive, printSeconds, publishingBrowser } from '../support/publishing/publishing-page';

/** Promised are two segments: what a machine with more to do may take. Long before the reconciler's minute. */
const OVER_SECONDS = 10;
const TWO_SEGMENTS_MS = 4000;
/** Says that a process of this machine did not answer in time, which is no matter of a publish. */
const BUSY_MACHINE = /"event":"loop_failed".*"loop":"heartbeat","error":"timeout: no answer within/;
const TURN = coturnMissing() === undefined ? { TURN_BIN: 'turnserver' } : {};

const listed = (watcher: Watcher) =>
  watcher.playlists().flatMap((path) => parseMediaPlaylist(watcher.newest(path)).segments);

/** Returns the segments that round to more than two seconds although a keyframe stands where they could be cut. */
async function cuttable(hls: string, watcher: Watcher): Promise<string[]> {
  const found: string[] = [];
  for (const { uri, durationMs } of listed(watcher)) {
    if (durationMs < 2500) continue;
    const bytes = new Uint8Array(await (await fetch(new URL(uri, hls))).arrayBuffer());
    const { keys = [] } = probe(bytes, durationMs) ?? {};
    if (cutWithin(bytes, { keys, durationMs, seconds: 2 }).length > 1) found.push(`${uri}: ${durationMs} ms`);
  }
  return found;
}

realPart('the page to publish, on a real SRS', srsMissing(), () => {
  let srs: SrsPlatform;
  beforeAll(async () => {
    srs = await SrsPlatform.start(TURN);
  }, 180_000);
  afterEach(() => srs?.rest());
  afterAll(() => srs?.end(), 60_000);

  /** Lines of the whole platform that an operator would look at. */
  const warnings = () =>
    srs.platform
      .log()
      .split('\n')
      .filter((line) => /"severity":"(WARNING|ERROR|CRITICAL)"/.test(line) && !BUSY_MACHINE.test(line));

  it.each([
    ['a camera that is allowed', ['camera', 'microphone']],
    ['addresses that the browser hides', ['clipboard-read']],
  ])(
    'is on air with %s for viewers who waited, in segments of two seconds, and over when it stops',
    async (_name, permissions) => {
      const { id, key, playback, watcher } = await srs.scene('from a browser');
      const context = await publishingBrowser(srs, permissions);
      const said = warnings().length;
      const viewer = await context.newPage();
      await viewer.goto(`${srs.platform.web}/watch.html?id=${id}`);
      await viewer.waitForSelector('body[data-state=waiting]');
      const page = await context.newPage();
      await goLive(page, srs, `${srs.platform.rtmp}/${id}?key=${key}`);
      await viewer.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 4, undefined, {
        polling: 200,
        timeout: 60_000,
      });
      // In its first seconds a browser is still finding out how much it may send. What stands for a microphone beeps
      // once a second.
      await eventually('ten pictures a second, and sound', 40, async () => {
        const { frames, audioSeconds } = await decode(playback.hls, 4);
        return frames >= 40 && audioSeconds > 0.1;
      });
      const stopped = Date.now();
      await page.click('#stop');
      await eventually('over', 5, async () => (await statusOf(srs.platform, id)) === 'ended');
      await eventually('the end of the playlist', OVER_SECONDS, async () =>
        (await livePlaylist(playback.hls))?.text.includes('#EXT-X-ENDLIST'),
      );
      printSeconds('over for viewers', stopped);
      await viewer.waitForSelector('body[data-state=ended]', { timeout: 40_000 });
      const { programDateTimeMs = 0, durationMs = 0 } = listed(watcher).at(-1) ?? {};
      expect(programDateTimeMs + durationMs - stopped).toBeLessThanOrEqual(TWO_SEGMENTS_MS);
      const lengths = watcher.durations().toSorted((a, b) => a - b);
      const uncut = await cuttable(playback.hls, watcher);
      process.stdout.write(`  segments of ${lengths.join(', ')} s\n`);
      // A browser that gets no processor makes keyframes late. Those that it made cut, so no target duration is raised.
      expect(lengths[lengths.length >> 1]).toBeLessThan(2.5);
      expect(uncut).toEqual([]);
      expect(warnings().slice(said)).toEqual([]);
    },
    180_000,
  );

  realPart('where nothing passes but TCP', namespacesMissing() ?? coturnMissing(), () => {
    it('is on air through TURN', async () => {
      const { edge, turn } = srs.platform.ports;
      const network = await tcpOnly(chromiumPath ?? '', [edge, turn]);
      srs.ending(() => network.close());
      const { id, key } = await srs.scene('through TURN');
      const context = await publishingBrowser(srs, ['camera', 'microphone'], network.launcher);
      await goLive(await context.newPage(), srs, `${id}?key=${key}`);
      expect(await statusOf(srs.platform, id)).toBe('live');
    }, 120_000);
  });
});
