import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';
import {
  chromiumPath,
  framesOf,
  hangUp,
  openPage,
  openWebRtcBrowser,
  playWhep,
  publishWhip,
} from '../../scripts/bench/webrtc-page';
import type { Platform } from '../../scripts/local/run-start';
import { type Encoder, publish } from '../support/encoder';
import { decode } from '../support/media';
import { realPart } from '../support/real-part';
import { startScanned } from '../support/secrets/scanned-platform';
import { callApi, eventually, pause, statusOf } from '../support/viewer';
import { type Watcher, watch } from '../support/watcher';

/**
 * The whole platform with a real SRS: every way in and out, and what its process does to it. `npm run e2e:srs`, with `SRS_BIN` naming
 * an SRS 5 or 6.
 */
const PORT_BASE = 23_000;
const SRS_API = `http://127.0.0.1:${PORT_BASE + 5}`;
const { SRS_BIN } = process.env;
/** The one ffmpeg npm carries has no SRT. */
const SRT_FFMPEG = '/usr/bin/ffmpeg';

const missing = SRS_BIN === undefined ? 'SRS_BIN not set' : chromiumPath === undefined ? 'no Chromium installed' : undefined;

realPart('the platform on a real SRS', missing, () => {
  let platform: Platform;
  let browser: Browser;
  const encoders: Encoder[] = [];
  const watchers: Watcher[] = [];
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    platform = await startScanned(['--no-demo', '--port-base', String(PORT_BASE)]);
    browser = await openWebRtcBrowser();
    await eventually(
      'a node that is heard of',
      20,
      async () => (await (await callApi(platform, '/nodes')).json()).nodes.length > 0,
    );
  }, 180_000);
  afterAll(async () => {
    for (const watcher of watchers) await watcher.stop();
    for (const encoder of encoders) await encoder.stop('SIGKILL');
    for (const child of children) child.kill('SIGKILL');
    await browser?.close();
    await platform?.end('SIGTERM');
  }, 60_000);

  const Details = z.object({
    ingest: z.object({ whip: z.object({ url: z.string() }), srt: z.object({ url: z.string() }).optional() }),
    playback: z.object({ whep: z.string(), flv: z.string() }),
  });

  async function scene(title: string, body: Readonly<Record<string, unknown>> = {}) {
    const created = await callApi(platform, '/streams', { method: 'POST', body: JSON.stringify({ title, ...body }) });
    const raw: unknown = await created.json();
    const stream = z.object({ id: z.string(), key: z.string(), playback: z.object({ hls: z.string() }) }).parse(raw);
    const { ingest, playback } = Details.parse(raw);
    const watcher = watch(stream.playback.hls);
    watchers.push(watcher);
    const segments = () => watcher.playlists().flatMap((path) => watcher.segments(path));
    const rtmp = (options?: Parameters<typeof publish>[1]): Encoder => {
      const encoder = publish(`${platform.rtmp}/${stream.id}?key=${stream.key}`, options);
      encoders.push(encoder);
      return encoder;
    };
    const grows = async (count: number, seconds = 40) => {
      const from = segments().length;
      await eventually(`${title}: ${count} segments more`, seconds, async () => segments().length >= from + count);
    };
    return { ...stream, whip: ingest.whip.url, srt: ingest.srt?.url ?? '', ...playback, watcher, segments, rtmp, grows };
  }
  type Scene = Awaited<ReturnType<typeof scene>>;

  const page = (): Promise<Page> => openPage(browser, platform.web);
  const whip = async ({ whip: url, key }: Scene, on?: Page) => {
    const publisher = on ?? (await page());
    return { publisher, ...(await publishWhip(publisher, { url, bearer: key })) };
  };
  const whep = async ({ whep: url }: Scene) => {
    const viewer = await page();
    return { viewer, ...(await playWhep(viewer, { url })) };
  };
  const isDecoding = (viewer: Page, frames: number) =>
    eventually(`${frames} frames decoded`, 20, async () => (await framesOf(viewer)) >= frames);
  const sessionsIn = (segments: readonly string[]) => [...new Set(segments.map((uri) => uri.split('/')[4]))];

  async function readFlv({ flv }: Scene, wanted: number): Promise<Buffer> {
    const leaving = new AbortController();
    const answer = await fetch(flv, { signal: leaving.signal });
    if (answer.status !== 200 || answer.body === null) throw new Error(`FLV answered ${answer.status}: ${await answer.text()}`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) {
      chunks.push(chunk);
      if (Buffer.concat(chunks).length >= wanted) break;
    }
    leaving.abort();
    return Buffer.concat(chunks);
  }

  async function srsStream(id: string): Promise<{ active: boolean } | undefined> {
    const Streams = z.object({ streams: z.array(z.object({ name: z.string(), publish: z.object({ active: z.boolean() }) })) });
    const { streams } = Streams.parse(await (await fetch(`${SRS_API}/api/v1/streams/?count=1000`)).json());
    return streams.find(({ name }) => name === id)?.publish;
  }

  describe('RTMP', () => {
    let live: Scene;
    beforeAll(async () => {
      live = await scene('rtmp');
      live.rtmp();
      await live.grows(2);
    }, 60_000);

    it('is watched by HLS', async () => {
      const { frames, audioSeconds } = await decode(live.playback.hls, 4);
      expect(frames).toBeGreaterThan(50);
      expect(audioSeconds).toBeGreaterThan(3);
      expect(live.watcher.problems()).toEqual([]);
    }, 60_000);

    it('is watched by HTTP-FLV', async () => {
      const bytes = await readFlv(live, 100_000);
      expect(bytes.subarray(0, 3).toString('latin1')).toBe('FLV');
      const { frames } = await decode(live.flv, 3);
      expect(frames).toBeGreaterThan(30);
    }, 60_000);

    it('is watched by WHEP, until the viewer says goodbye', async () => {
      const { viewer, status, state, location } = await whep(live);
      expect([status, state]).toEqual([201, 'connected']);
      await isDecoding(viewer, 25);
      expect((await fetch(new URL(location, platform.api), { method: 'DELETE' })).status).toBe(200);
      expect((await fetch(new URL(location, platform.api), { method: 'DELETE' })).status).toBe(404);
    }, 60_000);

    it('is watched by the SDK of SRS', async () => {
      const viewer = await page();
      const said = await viewer.evaluate(
        async ({ api, streamurl }) => {
          const pc = new RTCPeerConnection();
          pc.addTransceiver('video', { direction: 'recvonly' });
          pc.addTransceiver('audio', { direction: 'recvonly' });
          await pc.setLocalDescription();
          const body = JSON.stringify({ api, tid: '1', streamurl, clientip: null, sdp: pc.localDescription?.sdp });
          const answer = await (await fetch(api, { method: 'POST', body })).json();
          await pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
          const deadline = performance.now() + 10_000;
          while (pc.connectionState !== 'connected' && performance.now() < deadline) await new Promise((r) => setTimeout(r, 20));
          return { code: answer.code, state: pc.connectionState };
        },
        { api: `${platform.api}/rtc/v1/play/`, streamurl: `webrtc://127.0.0.1/live/${live.id}` },
      );
      expect(said).toEqual({ code: 0, state: 'connected' });
    }, 60_000);

    it('is looked at: nothing to change', async () => {
      const shown = await eventually('the report', 20, async () => {
        const answer = await (await callApi(platform, `/streams/${live.id}`)).json();
        return answer.media?.video?.keyframeSeconds === undefined ? undefined : answer;
      });
      expect(shown.media).toMatchObject({
        video: { codec: 'H264', width: 320, height: 180, framesPerSecond: 25, bFrames: false, keyframeSeconds: 2 },
        audio: { codec: 'AAC' },
      });
      expect(shown.warnings).toEqual([]);
    }, 60_000);
  });

  it('warns of a keyframe interval that is longer than a segment', async () => {
    const slow = await scene('long GOP');
    const encoder = slow.rtmp({ gopSeconds: 5 });
    const codes = await eventually('a warning', 60, async () => {
      const { warnings = [] } = await (await callApi(platform, `/streams/${slow.id}`)).json();
      return warnings.length > 0 && warnings.map(({ code }: { code: string }) => code);
    });
    expect(codes).toEqual(['keyframe_interval']);
    await encoder.stop();
  }, 90_000);

  (existsSync(SRT_FFMPEG) ? it : it.skip)(
    'SRT is taken by the address the API gives, and watched',
    async () => {
      const live = await scene('srt');
      const source = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-f', 'lavfi', '-i', 'sine=frequency=440'];
      const codecs = [
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-tune',
        'zerolatency',
        '-pix_fmt',
        'yuv420p',
        '-g',
        '50',
        '-bf',
        '0',
      ];
      const args = ['-nostdin', '-loglevel', 'error', '-re', ...source, ...codecs, '-c:a', 'aac', '-f', 'mpegts', live.srt];
      const child = spawn(SRT_FFMPEG, args, { stdio: ['ignore', 'ignore', 'inherit'] });
      children.push(child);
      await live.grows(3);
      expect((await decode(live.playback.hls, 3)).frames).toBeGreaterThan(30);
      child.kill('SIGKILL');
      await eventually('its end', 30, async () => (await statusOf(platform, live.id)) === 'reconnecting');
      expect(live.watcher.problems()).toEqual([]);
    },
    120_000,
  );

  describe('WHIP', () => {
    it('is watched by HLS and WHEP; a DELETE ends it; a new one goes on in the same playlist', async () => {
      const live = await scene('whip');
      const first = await whip(live);
      expect([first.status, first.state]).toEqual([201, 'connected']);
      expect(first.location).toMatch(new RegExp(`^/api/v1/whip/${live.id}/`));
      const { viewer, state } = await whep(live);
      expect(state).toBe('connected');
      await isDecoding(viewer, 25);
      await live.grows(3, 60);
      const patch = await fetch(new URL(first.location, platform.api), { method: 'PATCH', body: 'a=x' });
      expect([patch.status, patch.headers.get('allow')]).toEqual([405, 'OPTIONS, DELETE']);
      const stranger = { authorization: `Bearer sk_${'a'.repeat(32)}` };
      expect((await fetch(new URL(first.location, platform.api), { method: 'DELETE', headers: stranger })).status).toBe(403);
      const own = { authorization: `Bearer ${live.key}` };
      expect((await fetch(new URL(first.location, platform.api), { method: 'DELETE', headers: own })).status).toBe(200);
      await eventually('its end', 10, async () => (await statusOf(platform, live.id)) === 'reconnecting');
      const second = await whip(live);
      expect(second.status).toBe(201);
      await eventually('both sessions in one playlist', 60, async () => sessionsIn(live.segments()).length === 2);
      expect(live.watcher.playlists()).toHaveLength(1);
      expect(live.watcher.problems()).toEqual([]);
      await hangUp(second.publisher);
    }, 180_000);

    it('takes a live stream over from RTMP', async () => {
      const live = await scene('takeover');
      const encoder = live.rtmp();
      await live.grows(1);
      expect((await whip(live)).status).toBe(201);
      expect(await encoder.exited).not.toBe(0);
      await eventually('both sessions', 60, async () => sessionsIn(live.segments()).length === 2);
      expect(live.watcher.problems()).toEqual([]);
    }, 120_000);

    it.each([
      ['a wrong key', (live: Scene) => ({ ...live, key: `sk_${'a'.repeat(32)}` }), 401],
      ['a stream nobody made', (live: Scene) => ({ ...live, whip: live.whip.replace(live.id, 'q'.repeat(16)) }), 404],
    ])(
      'refuses %s with a reason, and SRS hears of nothing',
      async (_what, change, status) => {
        const live = await scene('refused');
        const refused = await whip(change(live));
        expect(refused.status).toBe(status);
        expect(JSON.parse(refused.problem)).toMatchObject({ status });
        expect(await srsStream(live.id)).toBeUndefined();
      },
      60_000,
    );

    it('of a codec SRS does not have is refused with the codec to use', async () => {
      const live = await scene('vp8');
      const publisher = await page();
      const sdp = await publisher.evaluate(async () => {
        const pc = new RTCPeerConnection();
        const transceiver = pc.addTransceiver('video', { direction: 'sendonly' });
        const vp8 = RTCRtpSender.getCapabilities('video')?.codecs.filter(({ mimeType }) => mimeType === 'video/VP8') ?? [];
        transceiver.setCodecPreferences(vp8);
        await pc.setLocalDescription();
        return pc.localDescription?.sdp ?? '';
      });
      const headers = { 'content-type': 'application/sdp', authorization: `Bearer ${live.key}` };
      const answer = await fetch(live.whip, { method: 'POST', headers, body: sdp });
      expect([answer.status, (await answer.json()).code]).toEqual([422, 'media_unsupported']);
    }, 60_000);
  });

  /**
   * SRS opens the session before it asks its hook, and lets the client of a refused one publish if it chose the ICE password itself,
   * because then it can make up the answer. Here a page does so, past the API and with the right key.
   */
  it('a client that goes to SRS itself with an ICE password of its own does not publish, and locks no name', async () => {
    const [live, other] = [await scene('hole'), await scene('answer to copy')];
    await whip(other);
    const intruder = await page();
    const [ufrag, password] = ['abcd1234', '0123456789abcdef01234567'];
    const offer = await intruder.evaluate(async () => {
      const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
      const pc = new RTCPeerConnection();
      Object.assign(window, { pc });
      for (const track of stream.getTracks()) pc.addTransceiver(track, { direction: 'sendonly' });
      await pc.setLocalDescription();
      return pc.localDescription?.sdp ?? '';
    });
    const past = (stream: string, key: string) =>
      fetch(`${SRS_API}/rtc/v1/whip/?app=live&stream=${stream}&key=${key}&ice-ufrag=${ufrag}&ice-pwd=${password}`, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp' },
        body: offer,
      }).then(
        ({ status }) => status,
        () => 'closed',
      );
    expect(await past(live.id, live.key)).toBe('closed');
    const proxied = await fetch(`${live.whip}?ice-ufrag=${ufrag}&ice-pwd=${password}`, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', authorization: `Bearer ${other.key}` },
      body: offer,
    });
    expect(proxied.status).toBe(401);
    await eventually('SRS without it', 3, async () => (await srsStream(live.id))?.active !== true);
    live.rtmp();
    await live.grows(2, 20);
    expect(sessionsIn(live.segments())).toHaveLength(1);
  }, 120_000);

  describe('faults', () => {
    const returned = async (live: Scene) => {
      await eventually('the second session', 40, async () => sessionsIn(live.segments()).length === 2);
      await live.grows(2);
      expect(live.watcher.playlists()).toHaveLength(1);
      expect(live.watcher.problems()).toEqual([]);
    };

    it('an encoder that comes back goes on in the same playlist', async () => {
      const live = await scene('republish');
      const first = live.rtmp();
      await live.grows(2);
      await first.stop('SIGKILL');
      await pause(5000);
      live.rtmp();
      await returned(live);
    }, 120_000);

    it('a hooks function that is killed refuses nobody', async () => {
      const live = await scene('hooks');
      const { 'srs-hooks': pid } = platform.processes;
      if (pid === undefined) throw new Error('no srs-hooks');
      process.kill(pid, 'SIGKILL');
      live.rtmp();
      await live.grows(2);
    }, 60_000);

    it('an agent that is killed loses nothing', async () => {
      const live = await scene('agent');
      live.rtmp();
      await live.grows(2);
      const { agent } = platform.processes;
      if (agent === undefined) throw new Error('no agent');
      process.kill(agent, 'SIGKILL');
      await live.grows(4);
      const numbers = live.segments().map((uri) => Number(/(\d+)\.ts$/.exec(uri)?.[1]));
      expect(numbers).toEqual(numbers.map((_, at) => at));
      expect(live.watcher.problems()).toEqual([]);
    }, 90_000);

    it('SRS itself killed: reconnecting at once, and then the same playlist', async () => {
      const live = await scene('srs');
      live.rtmp();
      await live.grows(2);
      const { origin } = platform.processes;
      if (origin === undefined) throw new Error('no origin');
      process.kill(origin, 'SIGKILL');
      await eventually('reconnecting', 15, async () => (await statusOf(platform, live.id)) === 'reconnecting');
      await eventually('SRS again', 30, () =>
        fetch(`${SRS_API}/api/v1/versions`).then(
          ({ ok }) => ok,
          () => false,
        ),
      );
      live.rtmp();
      await returned(live);
    }, 120_000);

    it('a draining node takes no new publisher by WHIP, says so, and keeps those it has', async () => {
      const live = await scene('drain');
      live.rtmp();
      await live.grows(2);
      const { nodes } = z
        .object({ nodes: z.array(z.object({ id: z.string() })) })
        .parse(await (await callApi(platform, '/nodes')).json());
      const drained = await callApi(platform, `/nodes/${nodes[0]?.id}/drain`, { method: 'POST', body: '{}' });
      expect(drained.status).toBeLessThan(300);
      const refused = await scene('refused');
      await eventually('a refusal', 15, async () => (await whip(refused)).status === 503);
      await live.grows(2);
    }, 90_000);
  });
});
