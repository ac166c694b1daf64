import { z } from 'zod';
import { type FlvTag, publishOddly, testTags } from '../support/platform/odd-publisher';
import { realPart } from '../support/platform/real-part';
import { type Scene, SrsPlatform, srsMissing } from '../support/platform/srs-platform';
import { callApi, eventually } from '../support/platform/viewer';

/** Publishers with the clocks and tracks of the world's encoders on a real SRS, beside one that is as it should be. */
realPart('odd publishers on a real SRS', srsMissing(), () => {
  let srs: SrsPlatform;
  let tags: FlvTag[];
  let good: Scene;
  beforeAll(async () => {
    srs = await SrsPlatform.start();
    tags = await testTags(44);
    good = await srs.scene('as it should be');
    good.rtmp();
    await good.grows(2);
  }, 180_000);
  afterAll(() => srs?.end(), 60_000);

  const publish = (scene: Scene, clock: (tag: FlvTag) => number | undefined, all = tags) =>
    publishOddly(`${srs.platform.rtmp}/${scene.id}?key=${scene.key}`, all, clock);
  const breaksIn = ({ watcher }: Scene) =>
    watcher.newest(watcher.playlists()[0] ?? '').match(/^#EXT-X-DISCONTINUITY$/gm)?.length ?? 0;
  const isSoundHeader = ({ kind, body }: FlvTag) => kind === 'a' && body[1] === 0;

  it('have clean playlists, and so has their neighbour', async () => {
    const short = tags.filter(({ ms }) => ms < 20_000);
    const odd: Readonly<Record<string, (tag: FlvTag) => number | undefined>> = {
      'jumps an hour ahead': ({ ms }) => (ms < 9000 ? ms : ms + 3_600_000),
      'begins again': ({ ms }) => (ms < 9000 ? ms + 5_000_000 : ms),
      'wraps at 32 bits': ({ ms }) => ms + 2 ** 32 - 9000,
      'wraps at 33 bits of 90 kHz': ({ ms }) => ms + Math.floor(2 ** 33 / 90) - 9000,
      'has sound late': (tag) => (tag.kind === 'a' && tag.ms < 9000 && !isSoundHeader(tag) ? undefined : tag.ms),
    };
    const scenes = await Promise.all(
      Object.entries(odd).map(async ([title, clock]) => {
        const scene = await srs.scene(title);
        await publish(scene, clock, short);
        await eventually(
          `${title}: its end`,
          30,
          async () => scene.watcher.durations().reduce((sum, each) => sum + each, 0) > 10,
        );
        return scene;
      }),
    );
    for (const { watcher } of [good, ...scenes]) expect(watcher.problems()).toEqual([]);
    for (const scene of scenes.slice(0, 4)) expect(breaksIn(scene)).toBe(1);
    // SRS knew that sound comes: the segments before it are left out.
    expect(breaksIn(scenes[4] ?? good)).toBe(0);
  }, 120_000);

  it.each([
    ['a clock ten thousand times too fast', ({ ms }: FlvTag) => ms * 10_000],
    ['sound 100 s ahead', ({ ms, kind }: FlvTag) => (kind === 'a' ? ms + 100_000 : ms)],
  ])(
    'that go on with %s are cut, told why, and refused for a while',
    async (title, clock) => {
      const scene = await srs.scene(title);
      const before = good.segments().length;
      expect(await publish(scene, clock)).toBeLessThan(tags.length);
      const Shown = z.object({ session: z.object({ endReason: z.string() }) });
      await eventually('why it ended', 20, async () => {
        const answer = Shown.safeParse(await (await callApi(srs.platform, `/streams/${scene.id}`)).json());
        return answer.data?.session.endReason === 'media_clock';
      });
      await expect(publish(scene, ({ ms }) => ms, tags.slice(0, 100))).rejects.toThrow();
      expect(srs.platform.log()).toContain('"stream.warning"');
      expect(good.watcher.problems()).toEqual([]);
      expect(good.segments().length - before).toBeGreaterThan(10);
    },
    120_000,
  );
});
