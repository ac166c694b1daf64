import { once } from 'node:events';
import { z } from 'zod';
import { mediaRules, srtRules } from '../../../srs-image/render/media-firewall';
import { firewallScript } from '../../../srs-image/render/units';
import { firewallMissing, makeNamespace } from '../../support/network/namespace';
import { realPart } from '../../support/platform/real-part';

/**
 * The build of an image runs this against the very SRS that it is about to push, behind the very rules that cloud-init
 * installs: cloudbuild.yaml, step `trial-udp`. There a part that is missing is a failure.
 */
const { SRS_BIN = '' } = process.env;
const RTC_PORT = 8000;
const SRT_PORT = 10_080;
const Outlived = z.record(z.string(), z.boolean());

/** Answers what SRS outlived in a network namespace with these rules of a VM. */
async function trial(...rules: string[]): Promise<z.infer<typeof Outlived>> {
  const namespace = makeNamespace(`srs-live-udp-${process.pid}`);
  try {
    namespace.inside('bash', '-c', firewallScript({ tcp: [1935], udp: [] }, ...rules));
    const env = { RTC_PORT: `${RTC_PORT}`, SRT_PORT: `${SRT_PORT}` };
    const program = ['scripts/build/run.mjs', 'test/support/network/udp-trial.ts'];
    const run = namespace.start(env, process.execPath, ...program);
    let said = '';
    run.stdout?.on('data', (text) => {
      said += text;
    });
    await once(run, 'close');
    return Outlived.parse(JSON.parse(said));
  } finally {
    namespace.remove();
  }
}

const missing = SRS_BIN === '' ? 'SRS_BIN not set' : firewallMissing();

realPart('a real SRS behind the firewall of its VM', missing, () => {
  it('outlives malformed datagrams on the WebRTC port, and SRT sessions of nobody’s', async () => {
    const outlived = await trial(...mediaRules(RTC_PORT), ...srtRules(SRT_PORT, ['127.0.0.2/32']));
    expect(Object.keys(outlived).length).toBeGreaterThan(12);
    expect(Object.entries(outlived).filter(([, alive]) => !alive)).toEqual([]);
  }, 120_000);
});

// A build may try a newer SRS, which bears it all by itself.
if (process.env.REAL_PARTS !== 'required')
  realPart('the trial of an SRS without the firewall of its VM', missing, () => {
    it('fails at the first malformed datagram, when the rule of the WebRTC port is taken away', async () => {
      expect(Object.values(await trial(...srtRules(SRT_PORT, [])))).toEqual([false]);
    }, 120_000);

    it('fails at an SRT session of nobody’s, when the rule of the SRT port is taken away', async () => {
      const outlived = Object.entries(await trial(...mediaRules(RTC_PORT)));
      expect(outlived.at(-1)).toEqual([expect.stringMatching(/^an SRT session/), false]);
    }, 120_000);
  });
