import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import {
  chromiumPath,
  type Exchanged,
  openPage,
  openWebRtcBrowser,
  playWhep,
  publishWhip,
} from '../../../scripts/tools/bench/webrtc-page';
import { type ScannedPlatform, startScanned } from '../secrets/scanned-platform';
import { framesOf } from '../webrtc-frames';
import { type Encoder, publish } from './encoder';
import { callApi, eventually } from './viewer';
import { watch } from './watcher';

/** Returns why the platform cannot be tried on a real SRS here; `undefined` where it can. */
export function srsMissing(): string | undefined {
  if (process.env.SRS_BIN === undefined) return 'SRS_BIN not set';
  return chromiumPath === undefined ? 'no Chromium installed' : undefined;
}

const Created = z.object({
  id: z.string(),
  key: z.string(),
  ingest: z.object({ whip: z.object({ url: z.string() }), srt: z.object({ url: z.string() }).optional() }),
  playback: z.object({ hls: z.string(), whep: z.string(), flv: z.string() }),
});
const SrsStreams = z.object({
  streams: z.array(z.object({ name: z.string(), publish: z.object({ active: z.boolean() }) })),
});

/** Ends something that a test began. */
type Ending = () => Promise<unknown>;

/** A stream, and what a test does with it. */
export type Scene = Awaited<ReturnType<SrsPlatform['scene']>>;

/** The whole platform on the SRS that `SRS_BIN` names, with a Chromium beside it. */
export class SrsPlatform {
  private endings: Ending[] = [];

  private constructor(
    readonly platform: ScannedPlatform,
    readonly browser: Browser,
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<SrsPlatform> {
    const platform = await startScanned(['--no-demo'], env);
    const browser = await openWebRtcBrowser();
    await eventually(
      'a node that is heard of',
      20,
      async () => (await (await callApi(platform, '/nodes')).json()).nodes.length > 0,
    );
    return new SrsPlatform(platform, browser);
  }

  get srsApi(): string {
    return `http://127.0.0.1:${this.platform.ports.srsApi}`;
  }

  async end(): Promise<void> {
    await this.rest();
    await this.browser.close();
    await this.platform.end('SIGTERM');
  }

  /** Ends every encoder, page and watcher: what goes on costs the tests after it. */
  async rest(): Promise<void> {
    const endings = this.endings.reverse();
    this.endings = [];
    for (const ending of endings) await ending();
  }

  ending(ending: Ending): void {
    this.endings.push(ending);
  }

  /** `settings`: further fields of the stream, as the API takes them. */
  async scene(title: string, settings: Readonly<Record<string, unknown>> = {}) {
    const body = JSON.stringify({ title, ...settings });
    const stream = Created.parse(await (await callApi(this.platform, '/streams', { method: 'POST', body })).json());
    const watcher = watch(stream.playback.hls);
    this.ending(() => watcher.stop());
    const segments = () => watcher.playlists().flatMap((path) => watcher.segments(path));
    const grows = async (count: number, seconds = 40) => {
      const from = segments().length;
      await eventually(`${title}: ${count} segments more`, seconds, async () => segments().length >= from + count);
    };
    const rtmp = (options?: Parameters<typeof publish>[1], server = this.platform.rtmp) =>
      this.encoder(`${server}/${stream.id}?key=${stream.key}`, options);
    return { ...stream, watcher, segments, grows, rtmp };
  }

  encoder(url: string, options?: Parameters<typeof publish>[1]): Encoder {
    const encoder = publish(url, options);
    this.ending(() => encoder.stop('SIGKILL'));
    return encoder;
  }

  async page(browser: Browser = this.browser): Promise<Page> {
    const page = await openPage(browser, this.platform.web);
    this.ending(() => page.context().close());
    return page;
  }

  async whip({ ingest, key }: Scene, configuration?: RTCConfiguration): Promise<Exchanged & { publisher: Page }> {
    const publisher = await this.page();
    const exchange = { url: ingest.whip.url, bearer: key, ...(configuration && { configuration }) };
    return { publisher, ...(await publishWhip(publisher, exchange)) };
  }

  async whep({ playback }: Scene, configuration?: RTCConfiguration): Promise<Exchanged & { viewer: Page }> {
    const viewer = await this.page();
    return { viewer, ...(await playWhep(viewer, { url: playback.whep, ...(configuration && { configuration }) })) };
  }

  /** Returns SRS's own description of a stream. */
  async srsStream(id: string): Promise<{ active: boolean } | undefined> {
    const { streams } = SrsStreams.parse(await (await fetch(`${this.srsApi}/api/v1/streams/?count=1000`)).json());
    return streams.find(({ name }) => name === id)?.publish;
  }

  /** Its process now: it comes back by itself whenever it ends. */
  async srsPid(): Promise<number> {
    return z.object({ pid: z.coerce.number() }).parse(await (await fetch(`${this.srsApi}/api/v1/versions`)).json()).pid;
  }
}

export const isDecoding = (viewer: Page, frames: number) =>
  eventually(`${frames} frames decoded`, 20, async () => (await framesOf(viewer)) >= frames);

/** Sessions whose segments these are, oldest first. */
export const sessionsIn = (segments: readonly string[]): (string | undefined)[] => [
  ...new Set(segments.map((uri) => uri.split('/')[4])),
];

const RAISED = /rfc8216bis 6\.2\.1: the target duration went from (\d+) to (\d+)$/;

/**
 * Returns the faults of a browser's live playlist. A browser cuts segments where it makes a keyframe, which on a busy
 * machine is late: a target duration that is raised, the one exception there is, is taken when the platform warned of
 * it.
 */
export function problemsOf({ watcher }: Scene, platform: ScannedPlatform): readonly string[] {
  const warned = /"(target_duration_raised|browser_segment_long)"/.test(platform.log());
  const isRaise = (problem: string) => {
    const [, from, to] = RAISED.exec(problem) ?? [];
    return from !== undefined && Number(to) > Number(from);
  };
  return watcher.problems().filter((problem) => !(warned && isRaise(problem)));
}
