import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { accepts } from '../../scripts/local/command/accepts';
import { tlsFront } from '../support/network/tls-front';
import type { Encoder } from '../support/platform/encoder';
import { decode } from '../support/platform/media';
import { realPart } from '../support/platform/real-part';
import {
  isDecoding,
  problemsOf,
  type Scene,
  SrsPlatform,
  sessionsIn,
  srsMissing,
} from '../support/platform/srs-platform';
import { callApi, eventually, pause, statusOf } from '../support/platform/viewer';
import { hangUp } from '../support/webrtc-frames';

/**
 * The whole platform with a real SRS: every way in and out, and what its process does to it. `npm run e2e:srs`, with
 * `SRS_BIN` naming an SRS 5 or 6.
 */
/** The one ffmpeg npm carries has no SRT. */
const SRT_FFMPEG = '/usr/bin/ffmpeg';

realPart('the platform on a real SRS', srsMissing(), () => {
  let srs: SrsPlatform;
  let platform: SrsPlatform['platform'];

  beforeAll(async () => {
    srs = await SrsPlatform.start();
    platform = srs.platform;
  }, 180_000);
  afterAll(() => srs?.end(), 60_000);

  async function readFlv({ playback }: Scene, wanted: number): Promise<Buffer> {
    const leaving = new AbortController();
    const answer = await fetch(playback.flv, { signal: leaving.signal });
    if (answer.status !== 200 || answer.body === null)
      throw new Error(`FLV answered ${answer.status}: ${await answer.text()}`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) {
      chunks.push(chunk);
      if (Buffer.concat(chunks).length >= wanted) break;
    }
    leaving.abort();
    return Buffer.concat(chunks);
  }

  /** As SRS's own player and publisher ask: an offer in JSON, and the stream's address as a `webrtc://` URL. */
  const bySdk = (page: Page, kind: 'play' | 'publish', streamurl: string) =>
    page.evaluate(
      async ({ api, isPlayer, streamurl }) => {
        const pc = new RTCPeerConnection();
        const direction = isPlayer ? 'recvonly' : 'sendonly';
        const media = isPlayer ? undefined : await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
        for (const kind of ['video', 'audio'] as const) {
          const track = media?.getTracks().find((one) => one.kind === kind);
          pc.addTransceiver(track ?? kind, { direction });
        }
        await pc.setLocalDescription();
        const body = JSON.stringify({ api, tid: '1', streamurl, clientip: null, sdp: pc.localDescription?.sdp });
        const answer = await (await fetch(api, { method: 'POST', body })).json();
        if (answer.code !== 0) return { code: answer.code, state: 'none' };
        await pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
        const deadline = performance.now() + 10_000;
        while (pc.connectionState !== 'connected' && performance.now() < deadline)
          await new Promise((r) => setTimeout(r, 20));
        return { code: answer.code, state: pc.connectionState };
      },
      { api: `${platform.api}/rtc/v1/${kind}/`, isPlayer: kind === 'play', streamurl },
    );

  describe('RTMP', () => {
    let live: Scene;
    beforeAll(async () => {
      live = await srs.scene('rtmp');
      live.rtmp();
      await live.grows(2);
    }, 60_000);
    afterAll(() => srs.rest());

    it('is watched by HLS', async () => {
      const { frames, audioSeconds } = await decode(live.playback.hls, 4);
      expect(frames).toBeGreaterThan(50);
      expect(audioSeconds).toBeGreaterThan(3);
      expect(live.watcher.problems()).toEqual([]);
    }, 60_000);

    it('is watched by HTTP-FLV', async () => {
      const bytes = await readFlv(live, 100_000);
      expect(bytes.subarray(0, 3).toString('latin1')).toBe('FLV');
      const { frames } = await decode(live.playback.flv, 3);
      expect(frames).toBeGreaterThan(30);
    }, 60_000);

    it('is watched by WHEP, until the viewer says goodbye', async () => {
      const { viewer, status, state, location } = await srs.whep(live);
      expect([status, state]).toEqual([201, 'connected']);
      await isDecoding(viewer, 25);
      expect((await fetch(new URL(location, platform.api), { method: 'DELETE' })).status).toBe(200);
      expect((await fetch(new URL(location, platform.api), { method: 'DELETE' })).status).toBe(404);
    }, 60_000);

    it('is watched by the SDK of SRS', async () => {
      const url = `webrtc://127.0.0.1/live/${live.id}`;
      expect(await bySdk(await srs.page(), 'play', url)).toEqual({ code: 0, state: 'connected' });
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

  it('RTMPS through a TLS front is taken, and watched', async () => {
    const front = await tlsFront(Number(new URL(platform.rtmp).port));
    const live = await srs.scene('rtmps');
    live.rtmp({}, `rtmps://127.0.0.1:${front.port}/live`);
    await live.grows(2);
    expect((await decode(live.playback.hls, 2)).frames).toBeGreaterThan(25);
    expect(live.watcher.problems()).toEqual([]);
    await srs.rest();
    await front.close();
  }, 60_000);

  it('warns of a keyframe interval that is longer than a segment', async () => {
    const slow = await srs.scene('long GOP');
    slow.rtmp({ gopSeconds: 5 });
    const codes = await eventually('a warning', 60, async () => {
      const { warnings = [] } = await (await callApi(platform, `/streams/${slow.id}`)).json();
      return warnings.length > 0 && warnings.map(({ code }: { code: string }) => code);
    });
    expect(codes).toEqual(['keyframe_interval']);
    await srs.rest();
  }, 90_000);

  realPart('SRT', existsSync(SRT_FFMPEG) ? undefined : `no ${SRT_FFMPEG}`, () => {
    it('is taken by the address the API gives, and watched', async () => {
      const live = await srs.scene('srt');
      const source = '-f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=frequency=440';
      const codecs = '-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g 50 -bf 0 -c:a aac';
      const args = `-nostdin -loglevel error -re ${source} ${codecs} -f mpegts`.split(' ');
      const child = spawn(SRT_FFMPEG, [...args, live.ingest.srt?.url ?? ''], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      srs.ending(async () => child.kill('SIGKILL'));
      await live.grows(3);
      expect((await decode(live.playback.hls, 3)).frames).toBeGreaterThan(30);
      child.kill('SIGKILL');
      await eventually('its end', 30, async () => (await statusOf(platform, live.id)) === 'reconnecting');
      expect(live.watcher.problems()).toEqual([]);
      await srs.rest();
    }, 120_000);
  });

  describe('WHIP', () => {
    afterEach(() => srs.rest());

    it('brings media by UDP only: SRS 6 dies of what comes by TCP', async () => {
      expect(await accepts(platform.ports.rtc)).toBe(false);
    });

    it('by the SDK of SRS publishes, with the key in its URL', async () => {
      const live = await srs.scene('sdk');
      const url = `webrtc://127.0.0.1/live/${live.id}`;
      expect(await bySdk(await srs.page(), 'publish', `${url}?key=${live.key}`)).toEqual({
        code: 0,
        state: 'connected',
      });
      await live.grows(2, 60);
      expect(problemsOf(live, platform)).toEqual([]);
      const stranger = await bySdk(await srs.page(), 'publish', `${url}?key=sk_${'a'.repeat(32)}`);
      expect(stranger).not.toMatchObject({ code: 0 });
    }, 120_000);

    it('is watched by HLS and WHEP; a DELETE ends its broadcast at once; a new one begins another', async () => {
      const live = await srs.scene('whip');
      const first = await srs.whip(live);
      expect([first.status, first.state]).toEqual([201, 'connected']);
      expect(first.location).toMatch(new RegExp(`^/api/v1/whip/${live.id}/`));
      const { viewer, state } = await srs.whep(live);
      expect(state).toBe('connected');
      await isDecoding(viewer, 25);
      await live.grows(3, 60);
      const patch = await fetch(new URL(first.location, platform.api), { method: 'PATCH', body: 'a=x' });
      expect([patch.status, patch.headers.get('allow')]).toEqual([405, 'OPTIONS, DELETE']);
      const stranger = { authorization: `Bearer sk_${'a'.repeat(32)}` };
      expect((await fetch(new URL(first.location, platform.api), { method: 'DELETE', headers: stranger })).status).toBe(
        403,
      );
      const own = { authorization: `Bearer ${live.key}` };
      expect((await fetch(new URL(first.location, platform.api), { method: 'DELETE', headers: own })).status).toBe(200);
      expect(await statusOf(platform, live.id)).toBe('ended');
      const second = await srs.whip(live);
      expect([second.status, second.state]).toEqual([201, 'connected']);
      await eventually('a playlist for each', 60, async () => live.watcher.playlists().length === 2);
      expect(sessionsIn(live.segments())).toHaveLength(2);
      expect(problemsOf(live, platform)).toEqual([]);
      await hangUp(second.publisher);
    }, 180_000);

    it('takes a live stream over from RTMP', async () => {
      const live = await srs.scene('takeover');
      const encoder = live.rtmp();
      await live.grows(1);
      expect((await srs.whip(live)).status).toBe(201);
      expect(await encoder.exited).not.toBe(0);
      await eventually('both sessions', 60, async () => sessionsIn(live.segments()).length === 2);
      expect(problemsOf(live, platform)).toEqual([]);
    }, 120_000);

    it('an offer whose page was closed before it connected keeps the name from nobody', async () => {
      const live = await srs.scene('left early');
      const page = await srs.page();
      const offer = async () => {
        const body = await page.evaluate(async () => {
          const pc = new RTCPeerConnection();
          for (const kind of ['audio', 'video']) pc.addTransceiver(kind, { direction: 'sendonly' });
          return (await pc.createOffer()).sdp ?? '';
        });
        const headers = { 'content-type': 'application/sdp', authorization: `Bearer ${live.key}` };
        return (await fetch(live.ingest.whip.url, { method: 'POST', headers, body })).status;
      };
      expect([await offer(), await offer()]).toEqual([201, 201]);
      const encoder = live.rtmp();
      await live.grows(1);
      await encoder.stop();
      expect(await offer()).toBe(201);
      const { status, state } = await srs.whip(live);
      expect([status, state]).toEqual([201, 'connected']);
    }, 90_000);

    it.each([
      ['a wrong key', (live: Scene) => ({ ...live, key: `sk_${'a'.repeat(32)}` }), 401],
      [
        'a stream nobody made',
        (live: Scene) => ({
          ...live,
          ingest: { whip: { url: live.ingest.whip.url.replace(live.id, 'q'.repeat(16)) } },
        }),
        401,
      ],
    ])(
      'refuses %s with a reason, and SRS hears of nothing',
      async (_what, change, status) => {
        const live = await srs.scene('refused');
        const refused = await srs.whip(change(live));
        expect(refused.status).toBe(status);
        expect(JSON.parse(refused.problem)).toMatchObject({ status });
        expect(await srs.srsStream(live.id)).toBeUndefined();
      },
      60_000,
    );

    it('of a codec SRS does not have is refused with the codec to use', async () => {
      const live = await srs.scene('vp8');
      const publisher = await srs.page();
      const sdp = await publisher.evaluate(async () => {
        const pc = new RTCPeerConnection();
        const transceiver = pc.addTransceiver('video', { direction: 'sendonly' });
        const vp8 =
          RTCRtpSender.getCapabilities('video')?.codecs.filter(({ mimeType }) => mimeType === 'video/VP8') ?? [];
        transceiver.setCodecPreferences(vp8);
        await pc.setLocalDescription();
        return pc.localDescription?.sdp ?? '';
      });
      const headers = { 'content-type': 'application/sdp', authorization: `Bearer ${live.key}` };
      const answer = await fetch(live.ingest.whip.url, { method: 'POST', headers, body: sdp });
      expect([answer.status, (await answer.json()).code]).toEqual([422, 'media_unsupported']);
    }, 60_000);
  });

  /**
   * SRS opens the session before it asks its hook, and lets the client of a refused one publish if it chose the ICE
   * password itself, because then it can make up the answer. Here a page does so, past the API and with the right key.
   */
  it('a client that sends SRS an ICE password of its own does not publish, and locks no name', async () => {
    const live = await srs.scene('hole');
    const other = await srs.scene('answer to copy');
    await srs.whip(other);
    const intruder = await srs.page();
    const ufrag = 'abcd1234';
    const password = '0123456789abcdef01234567';
    const offer = await intruder.evaluate(async () => {
      const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
      const pc = new RTCPeerConnection();
      Object.assign(window, { pc });
      for (const track of stream.getTracks()) pc.addTransceiver(track, { direction: 'sendonly' });
      await pc.setLocalDescription();
      return pc.localDescription?.sdp ?? '';
    });
    const past = (stream: string, key: string) =>
      fetch(`${srs.srsApi}/rtc/v1/whip/?app=live&stream=${stream}&key=${key}&ice-ufrag=${ufrag}&ice-pwd=${password}`, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp' },
        body: offer,
      }).then(
        ({ status }) => status,
        () => 'closed',
      );
    expect(await past(live.id, live.key)).toBe('closed');
    const proxied = await fetch(`${live.ingest.whip.url}?ice-ufrag=${ufrag}&ice-pwd=${password}`, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp', authorization: `Bearer ${other.key}` },
      body: offer,
    });
    expect(proxied.status).toBe(401);
    await eventually('SRS without it', 3, async () => (await srs.srsStream(live.id))?.active !== true);
    live.rtmp();
    await live.grows(2, 20);
    expect(sessionsIn(live.segments())).toHaveLength(1);
    await srs.rest();
  }, 120_000);

  describe('faults', () => {
    afterEach(() => srs.rest());

    const returned = async (live: Scene) => {
      await eventually('the second session', 40, async () => sessionsIn(live.segments()).length === 2);
      await live.grows(2);
      expect(live.watcher.playlists()).toHaveLength(1);
      expect(live.watcher.problems()).toEqual([]);
    };

    it('an encoder that comes back goes on in the same playlist', async () => {
      const live = await srs.scene('republish');
      const first = live.rtmp();
      await live.grows(2);
      await first.stop('SIGKILL');
      await pause(5000);
      live.rtmp();
      await returned(live);
    }, 120_000);

    it('a hooks function that is killed while publishers come refuses none of them', async () => {
      const scenes: Scene[] = [];
      for (let at = 0; at < 8; at += 1) scenes.push(await srs.scene(`hooks ${at}`));
      const { 'srs-hooks': pid } = platform.processes;
      if (pid === undefined) throw new Error('no srs-hooks');
      const encoders: Encoder[] = [];
      for (const [at, live] of scenes.entries()) {
        encoders.push(live.rtmp());
        if (at === 3) process.kill(pid, 'SIGKILL');
        await pause(250);
      }
      await Promise.all(scenes.map((live) => live.grows(1)));
      expect(encoders.map(({ stderr }) => stderr())).toEqual(scenes.map(() => ''));
      expect(scenes.map(({ segments }) => sessionsIn(segments()).length)).toEqual(scenes.map(() => 1));
    }, 90_000);

    it('an agent that is killed loses nothing', async () => {
      const live = await srs.scene('agent');
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
      const live = await srs.scene('srs');
      live.rtmp();
      await live.grows(2);
      process.kill(await srs.srsPid(), 'SIGKILL');
      await eventually('reconnecting', 15, async () => (await statusOf(platform, live.id)) === 'reconnecting');
      await eventually('SRS again', 30, () =>
        fetch(`${srs.srsApi}/api/v1/versions`).then(
          ({ ok }) => ok,
          () => false,
        ),
      );
      live.rtmp();
      await returned(live);
    }, 120_000);

    it('a draining node takes no new publisher by WHIP, says so, and keeps those it has', async () => {
      const live = await srs.scene('drain');
      live.rtmp();
      await live.grows(2);
      const { nodes } = z
        .object({ nodes: z.array(z.object({ id: z.string() })) })
        .parse(await (await callApi(platform, '/nodes')).json());
      const drained = await callApi(platform, `/nodes/${nodes[0]?.id}/drain`, { method: 'POST', body: '{}' });
      expect(drained.status).toBeLessThan(300);
      const refused = await srs.scene('refused');
      await eventually('a refusal', 15, async () => (await srs.whip(refused)).status === 503);
      await live.grows(2);
    }, 90_000);
  });
});
