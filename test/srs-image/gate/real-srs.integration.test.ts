import { execFileSync } from 'node:child_process';
import { isSrtSafe, SRT_NOT_SAFE } from '../../../functions/contract/hooks/media-server';
import { realPart } from '../../support/platform/real-part';
import { connect, publish } from '../../support/rtmp/amf';
import { command, HANDSHAKE } from '../../support/rtmp/chunks';
import { ENCODERS } from '../../support/rtmp/encoders';
import { HOSTILE } from '../../support/rtmp/hostile';
import { sendAll } from '../../support/rtmp/send-all';
import { type SrsWithGate, srsWithGate } from '../../support/rtmp/srs-with-gate';

/** The build of an image runs this against the very SRS that it is about to push: cloudbuild.yaml, step `trial`. */
const { SRS_BIN = '', SRT_OPEN } = process.env;

realPart('a real SRS behind the gate', SRS_BIN === '' ? 'SRS_BIN not set' : undefined, () => {
  let node: SrsWithGate;
  beforeAll(async () => {
    node = await srsWithGate(SRS_BIN, { connectionsPerAddress: 1000, connectsPerMinute: 100_000 });
  }, 60_000);
  afterAll(() => node.stop());

  it('outlives everything a hostile client sends', async () => {
    for (const { title, bytes } of HOSTILE) {
      await sendAll(node.gatePort, bytes);
      expect([title, await node.isSrsAlive()]).toEqual([title, true]);
    }
  }, 300_000);

  it('outlives it when two send it at once, in small pieces', async () => {
    for (const { bytes } of HOSTILE.filter(({ bytes: { length } }) => length < 20_000))
      await Promise.all([
        sendAll(node.gatePort, bytes),
        sendAll(node.gatePort, bytes.subarray(0, bytes.length - 1), 50),
      ]);
    expect(await node.isSrsAlive()).toBe(true);
  }, 300_000);

  it('takes what encoders send', async () => {
    const refused = async () =>
      (await node.metrics()).split('\n').filter((line) => line.startsWith('gate_refused_total'));
    const before = await refused();
    for (const sent of Object.values(ENCODERS)) await sendAll(node.gatePort, Buffer.concat(sent()), 300);
    expect(await node.isSrsAlive()).toBe(true);
    expect([before.length > 0, await refused()]).toEqual([true, before]);
  }, 60_000);

  it('writes no line into its log that is not marked as its own', async () => {
    await sendAll(
      node.srsPort,
      Buffer.concat([HANDSHAKE, command(connect('live', 'rtmp://a/live\r\n{"event":"srs_down"}\r\n'))]),
      500,
    );
    await sendAll(
      node.srsPort,
      Buffer.concat([HANDSHAKE, command(connect()), command(publish('a'), { streamId: 1 })]),
      500,
    );
    const lines = node.srsLog().split('\n').slice(1, -1);
    expect(lines.filter((line) => !line.startsWith('srs: '))).toEqual([]);
    expect(lines.join('\n')).not.toContain('\r');
  }, 60_000);

  it('is one that bears SRT, where the build is told that SRT will be open', () => {
    const version =
      /\d+\.\d+\.\d+/.exec(
        execFileSync(SRS_BIN, ['-v'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
      )?.[0] ?? '';
    const problem = SRT_OPEN === 'true' && !isSrtSafe(version) ? `SRS ${version}: SRT ${SRT_NOT_SAFE}` : undefined;
    expect(problem).toBeUndefined();
  });
});
