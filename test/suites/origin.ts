import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { jsonLog } from '../../functions/adapters/log';
import { SrsHook } from '../../functions/contract/hooks/srs';
import type { LocalOrigin, OriginOptions } from '../../scripts/local/origin';
import { HookReceiver } from '../support/network/hook-receiver';
import { type Encoder, publish } from '../support/platform/encoder';
import { decode } from '../support/platform/media';
import { freePort } from '../support/platform/worker-ports';

const fixture = (name: string): unknown => JSON.parse(readFileSync(join(__dirname, '../fixtures/srs', name), 'utf8'));

/** A value's shape: keys in their order, and types. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (value === null || typeof value !== 'object') return typeof value;
  return Object.entries(value).map(([key, part]) => [key, shape(part)]);
}

const Action = z.object({ action: z.string() });
const captured = new Map(
  z
    .array(z.unknown())
    .parse(fixture('srs6-hook-bodies.json'))
    .map((body) => [Action.parse(body).action, shape(body)]),
);
const api = z.record(z.string(), z.unknown()).parse(fixture('srs6-http-api.json'));
const Streams = z.object({
  streams: z.array(
    z.looseObject({ name: z.string(), publish: z.object({ active: z.boolean(), cid: z.string().optional() }) }),
  ),
});
const Clients = z.object({
  clients: z.array(z.looseObject({ id: z.string(), publish: z.boolean(), name: z.string() })),
});
const Hls = z.object({ file: z.string(), m3u8: z.string(), seq_no: z.number(), duration: z.number() });

async function eventually(what: string, check: () => boolean | Promise<boolean>, seconds = 15): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const childrenOf = (pid: number | undefined): number[] => {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
};

/** One that ended counts, though nobody has waited for it yet. */
const isGone = (pid: number): boolean => {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
};

/** Tests the contract of every origin of the local stack. `flushesAtTerm`: SRS 5 leaves the open segment behind. */
export function originSuite(
  name: string,
  open: (options: OriginOptions) => Promise<LocalOrigin>,
  traits: { flushesAtTerm: boolean; restartsNumbers: boolean },
): void {
  describe(`origin: ${name}`, () => {
    const receiver = new HookReceiver();
    const hlsRoot = mkdtempSync(join(tmpdir(), 'srs-live-test-'));
    const encoders: Encoder[] = [];
    let origin: LocalOrigin;
    let webUrl: string;
    let apiUrl: URL;

    const get = async (path: string, method = 'GET'): Promise<unknown> =>
      (await fetch(new URL(path, apiUrl), { method })).json();
    const encode = (stream: string, options?: Parameters<typeof publish>[1]): Encoder => {
      const encoder = publish(`${origin.rtmpUrl}/${stream}?key=sk_secret`, options);
      encoders.push(encoder);
      return encoder;
    };
    const clientIds = async () =>
      Clients.parse(await get('/api/v1/clients/?start=0&count=1000')).clients.map(({ id }) => id);
    const activeStream = async (stream: string) =>
      Streams.parse(await get('/api/v1/streams/?start=0&count=1000')).streams.find(
        (entry) => entry.name === stream && entry.publish.active,
      );

    beforeAll(async () => {
      const options = {
        rtmpPort: await freePort(),
        apiPort: await freePort(),
        media: { httpPort: await freePort(), srtPort: await freePort(), rtcPort: await freePort() },
        hooksUrl: await receiver.start(),
        hlsRoot,
        nodeId: 'node-1',
        log: jsonLog(() => undefined),
      };
      webUrl = `http://127.0.0.1:${options.media.httpPort}`;
      origin = await open(options);
      apiUrl = await origin.start();
    }, 60_000);

    afterEach(async () => {
      await Promise.all(encoders.splice(0).map((encoder) => encoder.stop('SIGKILL')));
      if (origin.pid === undefined) await origin.start();
      await eventually('every client is gone', async () => (await clientIds()).length === 0, 30);
      receiver.reset();
    }, 60_000);

    afterAll(async () => {
      await origin.stop();
      await origin.stop();
      await receiver.stop();
      rmSync(hlsRoot, { recursive: true });
    }, 30_000);

    it('posts what SRS 6 posted, field for field, in its order', async () => {
      const encoder = encode('aaaaaaaaaaaaaaa1', { seconds: 5 });
      expect(await encoder.exited).toBe(0);
      const unpublish = await receiver.next('on_unpublish');
      for (const hook of receiver.hooks)
        expect([hook.action, shape(hook.body)]).toEqual([hook.action, captured.get(hook.action)]);
      for (const hook of receiver.hooks) expect(SrsHook.safeParse(hook.body).error).toBeUndefined();
      expect(new Set(receiver.hooks.map(({ client_id }) => client_id))).toEqual(new Set([unpublish.client_id]));
      expect(unpublish.body).toMatchObject({
        server_id: 'node-1',
        ip: '127.0.0.1',
        vhost: '__defaultVhost__',
        app: 'live',
        stream: 'aaaaaaaaaaaaaaa1',
        param: '?key=sk_secret',
        tcUrl: origin.rtmpUrl,
        stream_url: '/live/aaaaaaaaaaaaaaa1',
      });
      expect(unpublish.client_id).toMatch(/^[a-z0-9]{8}$/);
      const order = receiver.hooks
        .map(({ action }) => action)
        .filter((action) => !['on_connect', 'on_close'].includes(action));
      expect(order).toEqual(['on_publish', ...order.filter((action) => action === 'on_hls'), 'on_unpublish']);
    }, 60_000);

    it('cuts at key frames into playable segments, the playlist lists each before it is told', async () => {
      const listed: boolean[] = [];
      receiver.answer = (hook) => {
        if (hook.action !== 'on_hls') return {};
        const { file, m3u8 } = Hls.parse(hook.body);
        listed.push(readFileSync(m3u8, 'utf8').includes(file.split('/').at(-1) ?? '?') && existsSync(file));
        return {};
      };
      const encoder = encode('aaaaaaaaaaaaaaa2', { seconds: 7 });
      await encoder.exited;
      await receiver.next('on_unpublish');
      expect(listed.length).toBeGreaterThanOrEqual(3);
      expect(listed).not.toContain(false);
      const segments = receiver.of('on_hls').map(({ body }) => Hls.parse(body));
      expect(segments.map(({ seq_no }) => seq_no)).toEqual(segments.map((_, index) => index));
      expect(segments[0]?.file).toMatch(new RegExp(`^${hlsRoot}/live/aaaaaaaaaaaaaaa2/\\d{13}-0\\.ts$`));
      expect(segments[0]?.m3u8).toBe(`${hlsRoot}/live/aaaaaaaaaaaaaaa2/live.m3u8`);
      expect(segments.slice(0, 3).map(({ duration }) => duration)).toEqual([2.02, 2, 2]);
      const playlist = readFileSync(`${hlsRoot}/live/aaaaaaaaaaaaaaa2/live.m3u8`, 'utf8').split('\n');
      expect(playlist.slice(0, 7)).toEqual([
        '#EXTM3U',
        '#EXT-X-VERSION:3',
        '#EXT-X-MEDIA-SEQUENCE:0',
        '#EXT-X-TARGETDURATION:3',
        '#EXT-X-DISCONTINUITY',
        '#EXTINF:2.023, no desc',
        segments[0]?.file.split('/').at(-1),
      ]);
      // Every segment stands alone: its first picture decodes without the one before.
      const { frames, complaints } = await decode(segments[1]?.file ?? '', 10);
      expect({ frames, complaints }).toEqual({ frames: 50, complaints: '' });
    }, 60_000);

    it('tells the last segment when the publisher leaves', async () => {
      const encoder = encode('aaaaaaaaaaaaaaa3');
      await receiver.next('on_hls');
      await encoder.stop('SIGKILL');
      await receiver.next('on_unpublish');
      await eventually(
        'no open segment',
        () => !readFileSync(`${hlsRoot}/live/aaaaaaaaaaaaaaa3/live.m3u8`, 'utf8').includes('.tmp'),
      );
      const names = readFileSync(`${hlsRoot}/live/aaaaaaaaaaaaaaa3/live.m3u8`, 'utf8').match(/^\d+-\d+\.ts$/gm) ?? [];
      expect(names.every((file) => existsSync(`${hlsRoot}/live/aaaaaaaaaaaaaaa3/${file}`))).toBe(true);
    }, 60_000);

    it.each([
      ['a code', { body: '{"code":1}' }],
      ['a status', { status: 403, body: '{"code":0}' }],
    ])(
      'closes a publisher refused by %s, and forgets it',
      async (_how, answer) => {
        receiver.answer = ({ action }) => (action === 'on_publish' ? answer : {});
        const encoder = encode('aaaaaaaaaaaaaaa4');
        expect(await encoder.exited).not.toBe(0);
        expect(receiver.of('on_publish')).toHaveLength(1);
        expect(receiver.of('on_unpublish')).toEqual([]);
        expect(existsSync(`${hlsRoot}/live/aaaaaaaaaaaaaaa4`)).toBe(false);
      },
      60_000,
    );

    it('asks for a second publisher of a stream, then closes it and leaves the first', async () => {
      encode('aaaaaaaaaaaaaaa5');
      const first = await receiver.next('on_hls');
      const second = encode('aaaaaaaaaaaaaaa5');
      expect(await second.exited).not.toBe(0);
      const refused = await receiver.next('on_publish', 2);
      expect(refused.client_id).not.toBe(first.client_id);
      expect(receiver.of('on_unpublish')).toEqual([]);
      expect((await activeStream('aaaaaaaaaaaaaaa5'))?.publish.cid).toBe(first.client_id);
    }, 60_000);

    it('takes a newcomer if the old publisher is kicked while it is asked', async () => {
      const old = encode('aaaaaaaaaaaaaaa6');
      const { client_id: oldId } = await receiver.next('on_hls');
      receiver.answer = async ({ action, client_id }) => {
        if (action !== 'on_publish' || client_id === oldId) return {};
        expect(await get(`/api/v1/clients/${oldId}`, 'DELETE')).toMatchObject({ code: 0 });
        await eventually('the old one is let go', async () => (await activeStream('aaaaaaaaaaaaaaa6')) === undefined);
        return {};
      };
      encode('aaaaaaaaaaaaaaa6');
      const told = receiver.of('on_hls').length;
      await eventually('a segment of the newcomer', () =>
        receiver
          .of('on_hls')
          .slice(told)
          .some(({ client_id }) => client_id !== oldId),
      );
      expect(await old.exited).not.toBe(0);
      expect(receiver.of('on_unpublish').map(({ client_id }) => client_id)).toEqual([oldId]);
    }, 60_000);

    it('goes on with its numbers when a publisher is back at once, after a discontinuity', async () => {
      const first = encode('aaaaaaaaaaaaaaa7');
      await receiver.next('on_hls');
      await first.stop();
      await receiver.next('on_unpublish');
      const before = receiver.of('on_hls').length;
      encode('aaaaaaaaaaaaaaa7');
      const next = Hls.parse((await receiver.next('on_hls', before + 1)).body);
      const playlist = readFileSync(next.m3u8, 'utf8').split('\n');
      expect(next.seq_no).toBeGreaterThan(0);
      expect(playlist[playlist.indexOf(next.file.split('/').at(-1) ?? '') - 2]).toBe('#EXT-X-DISCONTINUITY');
    }, 60_000);

    const numbering = traits.restartsNumbers ? 'counts from 0 again' : 'keeps counting';
    it(`the origin ${numbering} when a publisher is back after 8 s`, async () => {
      const first = encode('aaaaaaaaaaaaaaa8');
      await receiver.next('on_hls');
      await first.stop();
      await receiver.next('on_unpublish');
      await new Promise((resolve) => setTimeout(resolve, 8000));
      const before = receiver.of('on_hls').length;
      encode('aaaaaaaaaaaaaaa8');
      const { seq_no } = Hls.parse((await receiver.next('on_hls', before + 1)).body);
      expect(seq_no === 0).toBe(traits.restartsNumbers);
    }, 60_000);

    it('lists streams and clients as SRS 6 does, and kicks', async () => {
      const encoder = encode('aaaaaaaaaaaaaaa9');
      const { client_id: id } = await receiver.next('on_hls');
      expect(shape(await get('/api/v1/versions'))).toEqual(shape(api.versions));
      expect(shape(await get('/api/v1/streams/'))).toEqual(shape(api.streams));
      expect(shape(await get('/api/v1/clients/'))).toEqual(shape(api.clients));
      expect(Clients.parse(await get('/api/v1/clients/')).clients[0]).toMatchObject({
        id,
        publish: true,
        name: 'aaaaaaaaaaaaaaa9',
      });
      expect((await activeStream('aaaaaaaaaaaaaaa9'))?.video).toMatchObject({ codec: 'H264', width: 320, height: 180 });
      expect((await activeStream('aaaaaaaaaaaaaaa9'))?.audio).toMatchObject({
        codec: 'AAC',
        sample_rate: 44100,
        profile: 'LC',
      });
      expect(await get('/api/v1/summaries')).toMatchObject({ code: 0, data: { ok: true } });
      expect(await get('/api/v1/clients/nosuchid', 'DELETE')).toEqual(api['kick-missing']);
      expect(shape(await get(`/api/v1/clients/${id}`, 'DELETE'))).toEqual(shape(api['kick-flv-player']));
      expect((await receiver.next('on_unpublish')).client_id).toBe(id);
      expect(await encoder.exited).not.toBe(0);
      await eventually('the stream is gone', async () => (await activeStream('aaaaaaaaaaaaaaa9')) === undefined);
    }, 60_000);

    it('lets a player watch by RTMP, and asks for it', async () => {
      encode('aaaaaaaaaaaaaa10');
      await receiver.next('on_hls');
      const { frames, audioSeconds } = await decode(`${origin.rtmpUrl}/aaaaaaaaaaaaaa10?viewer=1`, 2);
      expect(frames).toBeGreaterThanOrEqual(50);
      expect(audioSeconds).toBeGreaterThanOrEqual(1.9);
      const stop = await receiver.next('on_stop');
      for (const hook of [...receiver.of('on_play'), stop])
        expect([hook.action, shape(hook.body)]).toEqual([hook.action, captured.get(hook.action)]);
      expect(receiver.of('on_play')[0]?.body).toMatchObject({ stream: 'aaaaaaaaaaaaaa10', param: '?viewer=1' });
    }, 60_000);

    it('lets a player watch by HTTP-FLV, asks for it, and ends it with the publisher', async () => {
      const encoder = encode('aaaaaaaaaaaaaa12');
      await receiver.next('on_hls');
      const address = `${webUrl}/live/aaaaaaaaaaaaaa12.flv?viewer=1`;
      const { frames } = await decode(address, 2);
      expect(frames).toBeGreaterThanOrEqual(50);
      const stop = await receiver.next('on_stop');
      for (const hook of [...receiver.of('on_play'), stop])
        expect([hook.action, shape(hook.body)]).toEqual([hook.action, captured.get(hook.action)]);
      expect(receiver.of('on_play')[0]?.body).toMatchObject({ stream: 'aaaaaaaaaaaaaa12', param: '?viewer=1' });
      const watching = fetch(address).then((answer) => answer.arrayBuffer());
      await receiver.next('on_play', 2);
      await encoder.stop();
      expect((await watching).byteLength).toBeGreaterThan(1000);
      expect((await fetch(address)).status).toBe(404);
    }, 60_000);

    it('lets go of a publisher that says nothing any more', async () => {
      const encoder = encode('aaaaaaaaaaaaaa11');
      const { client_id } = await receiver.next('on_hls');
      encoder.freeze();
      expect((await receiver.next('on_unpublish', 1, 30)).client_id).toBe(client_id);
    }, 60_000);

    const lastWords = traits.flushesAtTerm ? 'tells the last segment' : 'says nothing';
    it(`the origin ${lastWords} at SIGTERM, and never that publishers left`, async () => {
      encode('aaaaaaaaaaaaaa12');
      await receiver.next('on_hls');
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const before = receiver.of('on_hls').length;
      await origin.kill('SIGTERM');
      expect(origin.pid).toBeUndefined();
      expect(receiver.of('on_unpublish')).toEqual([]);
      expect(receiver.of('on_hls').length > before).toBe(traits.flushesAtTerm);
      for (const hook of receiver.of('on_hls')) expect(existsSync(Hls.parse(hook.body).file)).toBe(true);
    }, 60_000);

    it('says nothing at SIGKILL, leaves no process, and starts again as a new service', async () => {
      encode('aaaaaaaaaaaaaa13');
      const { service_id } = await receiver.next('on_hls');
      const before = receiver.hooks.length;
      const children = childrenOf(origin.pid);
      await origin.kill('SIGKILL');
      await eventually('its children are gone', () => children.every(isGone));
      expect(receiver.hooks.slice(before).map(({ action }) => action)).toEqual([]);
      await origin.restart();
      encode('aaaaaaaaaaaaaa13');
      expect((await receiver.next('on_publish', 2)).service_id).not.toBe(service_id);
    }, 60_000);
  });
}
