import { commonKey } from '../../../../functions/core/encryption/content-keys';
import { readRenditionParts } from '../../../../functions/core/playlist/packaged-segments';
import { checkPlaylist } from '../../../../scripts/tools/check-hls/rules';
import { Rig, STREAM } from '../rig';
import { FakeJobs } from './fake-jobs';

const ENCRYPTION = { method: 'cbcs', keyRotationSegments: 2, secret: `slc_${'a1b2'.repeat(10)}` } as const;
const SESSION = '1-aaaaaaaa';
/** The one rung of the small picture in the fixtures. */
const RUNG = '36p';

let rig: Rig;
let jobs: FakeJobs;
beforeEach(() => {
  jobs = new FakeJobs();
  rig = new Rig({ packaging: { jobs, ladderCores: 4 } });
  rig.cloud.grant = { packaging: 'cmaf', ladder: 'sd' };
  rig.cloud.encryption = ENCRYPTION;
});
afterEach(async () => {
  const said = JSON.stringify([rig.log, await rig.ingest.list(''), await textOf()]);
  rig.dispose();
  expect(said).not.toMatch(/slc_|a1b2a1b2/);
});

const textOf = async (): Promise<string> => (await rig.ingest.read(`${STREAM}/${SESSION}/source.m3u8`))?.text ?? '';
const metadataOf = (rendition: string, number: number, container = 'm4s') =>
  rig.open.entry(`open/s/${STREAM}/${SESSION}/${rendition}/${number}.${container}`)?.metadata;
async function segments(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await rig.segment();
    await rig.run(500);
  }
}
const keyOf = (number: number) => commonKey({ streamId: STREAM, sessionId: SESSION, number }, ENCRYPTION);
const keyLines = async () =>
  [...(await textOf()).matchAll(/#EXT-X-KEY:METHOD=([^,]+),URI="[^"]*\/([^/"]+)"/g)].map(([, ...named]) => named);

describe('a session in CMAF with Common Encryption', () => {
  it('has each fragment encrypted with the key that its playlist names, rungs too', async () => {
    await rig.publish();
    await segments(4);
    const wanted = [0, 1, 2, 3].map(keyOf);
    expect([...jobs.keys.source.values()]).toEqual(wanted);
    expect([...jobs.keys.rungs.values()]).toEqual(wanted);
    for (const rendition of ['source', 'audio', RUNG])
      expect([0, 1, 2, 3].map((number) => metadataOf(rendition, number))).toEqual(
        [0, 0, 1, 1].map((period) => expect.objectContaining({ keyId: `${SESSION}.${period}`, scheme: 'cbcs' })),
      );
    expect(await keyLines()).toEqual([
      ['SAMPLE-AES', `${SESSION}.0`],
      ['SAMPLE-AES', `${SESSION}.1`],
    ]);
    expect(checkPlaylist(await textOf())).toEqual([]);
  });

  it('goes on with the next key without a discontinuity, with its init segment and the same rungs', async () => {
    await rig.publish();
    await segments(5);
    const parts = readRenditionParts(await textOf());
    expect(parts.map(({ source }) => source)).toEqual(
      [0, 1, 2, 3, 4].map((n) => `init-${keyOf(n)?.kid.slice(-16)}.mp4`),
    );
    expect(new Set(parts.map(({ source }) => source)).size).toBe(3);
    expect(await textOf()).not.toContain('EXT-X-DISCONTINUITY\n');
    expect(jobs.rungCalls.map(({ rungs }) => rungs)).toEqual(Array(5).fill([RUNG]));
  });

  it('leaves no plain media to the agent, which does not encrypt fragments', async () => {
    jobs.isPlain = () => true;
    await rig.publish();
    await segments(2);
    expect(jobs.sources).toBe(2);
    expect(jobs.handedOn).toEqual([]);
  });

  it('is encrypted whole, and never in the clear, once the packager was given up', async () => {
    jobs.isPlain = () => true;
    jobs.sourceFails = (number) => number >= 1;
    await rig.publish();
    await segments(3);
    await rig.run(30_000);
    expect(rig.log.map(({ event }) => event)).toContain('packaging_off');
    expect(metadataOf('source', 1, 'ts')).toMatchObject({ keyId: `${SESSION}.0`, iv: expect.stringMatching(/^0x/) });
    expect(rig.open.entry(`open/s/${STREAM}/${SESSION}/source/1.ts`)?.content.toString('latin1')).not.toContain(STREAM);
    expect(await keyLines()).toEqual([
      ['SAMPLE-AES', `${SESSION}.0`],
      ['AES-128', `${SESSION}.0`],
      ['AES-128', `${SESSION}.1`],
    ]);
    expect(checkPlaylist(await textOf())).toEqual([]);
  });

  it('goes on with the same keys after a restart of the agent', async () => {
    await rig.publish();
    await segments(1);
    await rig.crash();
    rig.cloud.away = true;
    rig.restart();
    await segments(1);
    expect([...jobs.keys.source.values()]).toEqual([keyOf(0), keyOf(1)]);
  });
});
