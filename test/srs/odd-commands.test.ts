import { ODD_COMMANDS } from '../support/odd/odd-commands';
import { realPart } from '../support/platform/real-part';
import { type Scene, SrsPlatform, sessionsIn, srsMissing } from '../support/platform/srs-platform';
import { createStream, eventually, statusOf } from '../support/platform/viewer';
import { sendAll } from '../support/rtmp/send-all';

/** Publishers with good keys whose commands and media are as the world's programs get them wrong. */
realPart('odd commands of admitted publishers on a real SRS', srsMissing(), () => {
  let srs: SrsPlatform;
  let good: Scene;
  let pid: number;
  beforeAll(async () => {
    srs = await SrsPlatform.start();
    good = await srs.scene('as it should be');
    good.rtmp();
    await good.grows(2);
    pid = await srs.srsPid();
  }, 180_000);
  afterAll(() => srs?.end(), 60_000);

  it.each(ODD_COMMANDS)(
    'end neither SRS nor the right to publish: $title',
    async ({ bytes }) => {
      const { id, key } = await createStream(srs.platform, { title: 'odd commands', reconnectWindowSeconds: 0 });
      const port = Number(new URL(srs.platform.rtmp).port);
      await sendAll(port, bytes(`${id}?key=${key}`), 1000);
      expect(await srs.srsPid()).toBe(pid);
      await eventually('its end', 30, async () => ['idle', 'ended'].includes(await statusOf(srs.platform, id)));
      const encoder = srs.encoder(`${srs.platform.rtmp}/${id}?key=${key}`);
      await eventually('a publish behind it', 30, async () => (await statusOf(srs.platform, id)) === 'live');
      await encoder.stop();
    },
    90_000,
  );

  it('are not noticed by the stream beside them', async () => {
    await good.grows(2);
    expect(good.watcher.problems()).toEqual([]);
    expect(sessionsIn(good.segments())).toHaveLength(1);
    expect(await srs.srsPid()).toBe(pid);
    expect(srs.platform.log()).not.toMatch(/"(gate_died|node_lost|agent_failed|silent_publisher_kicked)"/);
  }, 60_000);
});
