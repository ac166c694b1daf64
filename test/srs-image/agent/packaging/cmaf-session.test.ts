import { fragmentTimes } from '../../../../functions/core/packaging/fragment';
import { parseMediaPlaylist } from '../../../../functions/core/playlist/media-playlist';
import { readRenditionParts } from '../../../../functions/core/playlist/packaged-segments';
import type { ObjectStore } from '../../../../functions/ports/stores';
import { Rig, STREAM } from '../rig';
import { FakeJobs } from './fake-jobs';

let rig: Rig;
let jobs: FakeJobs;
afterEach(() => rig.dispose());

function start(grant: { packaging?: 'ts' | 'cmaf'; ladder?: 'none' | 'sd' }, ladderCores = 4): void {
  jobs = new FakeJobs();
  rig = new Rig({ packaging: { jobs, ladderCores } });
  rig.cloud.grant = grant;
}
const SESSION = '1-aaaaaaaa';
/** The picture of the fixtures is small: the one rung is as large, of half the bitrate. */
const RUNG = '36p';
const prefix = `open/s/${STREAM}/${SESSION}/`;
const names = async () => (await rig.open.list(prefix)).map(({ name }) => name.slice(prefix.length));
const fragmentsOf = async (rendition: string) =>
  (await names())
    .filter((name) => name.startsWith(`${rendition}/`) && name.endsWith('.m4s'))
    .map((name) => name.split('/')[1]);
const parts = async () => readRenditionParts((await rig.ingest.read(`${STREAM}/${SESSION}/source.m3u8`))?.text ?? '');
const events = (event: string) => rig.log.filter((line) => line.event === event);
async function segments(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await rig.segment();
    await rig.run(500);
  }
}

describe('a session in CMAF', () => {
  it('has fragments with their init segments, and media time that counts from the Unix epoch', async () => {
    start({ packaging: 'cmaf' });
    await rig.publish();
    await segments(3);
    await rig.run(2000);
    expect(await fragmentsOf('source')).toEqual(['0.m4s', '1.m4s', '2.m4s']);
    expect(await fragmentsOf('audio')).toEqual(['0.m4s', '1.m4s', '2.m4s']);
    const session = await rig.playlist(SESSION);
    expect(session?.playlist.segments.map(({ uri }) => uri)).toEqual(['0.m4s', '1.m4s', '2.m4s']);
    for (const [number, segment] of (session?.playlist.segments ?? []).entries()) {
      const bytes = rig.open.entry(`${prefix}source/${number}.m4s`)?.content;
      const times = bytes === undefined ? undefined : fragmentTimes(bytes);
      expect((times?.decodeTime ?? 0) / 90).toBe(segment.programDateTimeMs);
    }
    const [first] = await parts();
    expect(await names()).toContain(`source/${first?.source}`);
    expect(rig.open.entry(`${prefix}source/0.m4s`)).toMatchObject({
      contentType: 'video/mp4',
      metadata: { init: first?.source },
    });
  });

  it('describes every rendition by its media', async () => {
    start({ packaging: 'cmaf', ladder: 'sd' });
    await rig.publish();
    await segments(3);
    await rig.run(2000);
    const renditions: { name: string; kind: string; attributes: Record<string, unknown> }[] = JSON.parse(
      (await rig.playlist(SESSION))?.metadata.renditions ?? '[]',
    );
    expect(renditions.map(({ name, kind }) => [name, kind])).toEqual([
      ['source', 'video'],
      ['audio', 'audio'],
      [RUNG, 'video'],
    ]);
    expect(renditions[0]?.attributes).toMatchObject({ codecs: expect.stringMatching(/^avc1\./), frameRate: 5 });
    expect(renditions[1]?.attributes).toMatchObject({ codecs: 'mp4a.40.2', channels: expect.any(Number) });
  });

  it('costs a stream in ts nothing: no job, the same objects, the same metadata', async () => {
    start({});
    await rig.publish();
    await segments(2);
    await rig.run(2000);
    expect(jobs.sources).toBe(0);
    expect(await names()).toEqual(['source/0.ts', 'source/1.ts']);
    const source = await rig.ingest.read(`${STREAM}/${SESSION}/source.m3u8`);
    expect(source?.text).not.toContain('RENDITIONS');
    expect(Object.keys(source?.metadata ?? {})).not.toContain('renditions');
  });

  it('is delivered in ts by a node without a packager', async () => {
    rig = new Rig();
    rig.cloud.grant = { packaging: 'cmaf' };
    await rig.publish();
    await segments(2);
    expect(await names()).toEqual(['source/0.ts', 'source/1.ts']);
  });
});

describe('a packager that fails', () => {
  it('is tried again, and no segment is lost or doubled', async () => {
    start({ packaging: 'cmaf' });
    let kills = 2;
    jobs.sourceFails = (number) => number === 1 && kills-- > 0;
    await rig.publish();
    await segments(3);
    await rig.run(3000);
    expect(await fragmentsOf('source')).toEqual(['0.m4s', '1.m4s', '2.m4s']);
    const session = await rig.playlist(SESSION);
    expect(session?.playlist.segments.map(({ discontinuity }) => discontinuity)).toEqual([false, false, false]);
  });

  it('costs the packaging after three tries, not the source', async () => {
    start({ packaging: 'cmaf' });
    jobs.sourceFails = (number) => number >= 1;
    await rig.publish();
    await segments(4);
    await rig.run(10_000);
    expect((await names()).filter((name) => /\d\.(ts|m4s)$/.test(name) && name.startsWith('source'))).toEqual([
      'source/0.m4s',
      'source/1.ts',
      'source/2.ts',
      'source/3.ts',
    ]);
    const session = await rig.playlist(SESSION);
    expect(session?.playlist.segments.map(({ discontinuity }) => discontinuity)).toEqual([false, true, false, false]);
    expect(events('packaging_off')).toHaveLength(1);
  });
});

describe('plain media', () => {
  const discontinuities = async () =>
    (await rig.playlist(SESSION))?.playlist.segments.map(({ discontinuity }) => discontinuity);

  it('is made into fragments by the agent, without any program', async () => {
    start({ packaging: 'cmaf' });
    jobs.isPlain = () => true;
    await rig.publish();
    await segments(3);
    await rig.run(2000);
    expect(jobs.sources).toBe(0);
    expect(await fragmentsOf('source')).toEqual(['0.m4s', '1.m4s', '2.m4s']);
    expect(await discontinuities()).toEqual([false, false, false]);
    expect(jobs.handedOn.map((before) => before?.edit)).toEqual([undefined, 0, 1]);
  });

  it('goes on with the setup of the last picture after a restart of the agent', async () => {
    start({ packaging: 'cmaf' });
    jobs.isPlain = () => true;
    await rig.publish();
    await segments(2);
    await rig.crash();
    rig.restart();
    await segments(1);
    await rig.run(2000);
    expect(jobs.handedOn.at(-1)).toEqual({ avcC: 'AQ==', edit: 1 });
  });

  it.each([false, true])(
    'leaves the session to the packager once it is not plain, agent restarted: %s',
    async (restarts) => {
      start({ packaging: 'cmaf' });
      jobs.isPlain = (number) => number !== 1;
      await rig.publish();
      await segments(2);
      if (restarts) {
        await rig.crash();
        rig.restart();
      }
      await segments(2);
      await rig.run(3000);
      expect(jobs.sources).toBe(3);
      expect(await discontinuities()).toEqual([false, true, false, false]);
    },
  );

  it('is made by the agent again where the packager that was left with it fails', async () => {
    start({ packaging: 'cmaf' });
    jobs.isPlain = (number) => number !== 0;
    jobs.sourceFails = (number) => number >= 1;
    await rig.publish();
    await segments(4);
    await rig.run(10_000);
    expect(await fragmentsOf('source')).toEqual(['0.m4s', '1.m4s', '2.m4s', '3.m4s']);
    expect((await names()).filter((name) => name.endsWith('.ts'))).toEqual([]);
    expect(events('packaging_off')).toEqual([]);
  });
});

describe('an agent killed in mid-job', () => {
  it('goes on with the same numbers and bytes', async () => {
    start({ packaging: 'cmaf' });
    await rig.publish();
    await segments(2);
    const before = rig.open.entry(`${prefix}source/1.m4s`)?.generation;
    await rig.segment();
    await rig.crash();
    rig.restart();
    await rig.run(3000);
    await segments(1);
    await rig.run(2000);
    expect(await fragmentsOf('source')).toEqual(['0.m4s', '1.m4s', '2.m4s', '3.m4s']);
    expect(rig.open.entry(`${prefix}source/1.m4s`)?.generation).toBe(before);
    expect(events('segment_differs')).toEqual([]);
  });
});

describe('a store that takes 40 ms and one write a second to a name', () => {
  it('names a segment as soon as ever, whatever there is to tell of rungs', async () => {
    jobs = new FakeJobs();
    jobs.encoded = () => rig.clock.sleep(600);
    const written: { atMs: number; text: string }[] = [];
    const slow = (store: ObjectStore): ObjectStore => ({
      ...store,
      write: async (name, content, options) => {
        await rig.clock.sleep(40);
        if (name.endsWith('source.m3u8')) written.push({ atMs: rig.clock.now(), text: `${content}` });
        return store.write(name, content, options);
      },
    });
    rig = new Rig({ packaging: { jobs, ladderCores: 4 }, through: slow });
    rig.cloud.grant = { packaging: 'cmaf', ladder: 'sd' };
    await rig.publish();
    const closed: number[] = [];
    for (let number = 0; number < 30; number += 1) {
      await rig.segment();
      closed.push(rig.clock.now());
    }
    await rig.run(3000);
    const isRungTold = (text: string, number: number) =>
      readRenditionParts(text)[number - parseMediaPlaylist(text).mediaSequence]?.[RUNG] !== undefined;
    const sinceClosed = (number: number, isTold: (text: string) => boolean) =>
      (written.find(({ text }) => isTold(text))?.atMs ?? Number.NaN) - (closed[number] ?? 0);
    const numbers = closed.map((_, number) => number);
    const source = numbers.map((number) => sinceClosed(number, (text) => text.includes(`\n${number}.m4s`)));
    const rungs = numbers.map((number) => sinceClosed(number, (text) => isRungTold(text, number)));
    expect(Math.max(...source.slice(1))).toBeLessThanOrEqual(300);
    expect(Math.max(...rungs.slice(0, -1))).toBeLessThanOrEqual(2300);
    expect(rungs.filter((ms) => ms < 1300).length).toBeGreaterThan(10);
  });
});

describe('the rungs of a session', () => {
  const ofRung = async () => (await parts()).map((each) => each[RUNG]?.replace(/^init-.*/, 'made') ?? 'to come');

  it('have the numbers of the source, which does not wait for them', async () => {
    start({ packaging: 'cmaf', ladder: 'sd' });
    jobs.holds = (number) => number === 1;
    await rig.publish();
    await segments(2);
    await rig.run(1500);
    expect(await fragmentsOf('source')).toEqual(['0.m4s', '1.m4s']);
    expect(await ofRung()).toEqual(['made', 'to come']);
    jobs.held.get(1)?.();
    await rig.run(2000);
    expect(await ofRung()).toEqual(['made', 'made']);
    expect(await fragmentsOf(RUNG)).toEqual(['0.m4s', '1.m4s']);
  });

  it('are a gap where their job failed, and are tried again later', async () => {
    start({ packaging: 'cmaf', ladder: 'sd' });
    jobs.rungsFail = (number) => number === 1;
    await rig.publish();
    await segments(3);
    await rig.run(2000);
    expect(await ofRung()).toEqual(['made', 'gap', 'gap']);
    expect(await fragmentsOf('source')).toEqual(['0.m4s', '1.m4s', '2.m4s']);
    await rig.run(30_000);
    await segments(1);
    await rig.run(2000);
    expect(await ofRung()).toEqual(['made', 'gap', 'gap', 'made']);
    expect([events('rungs_shed').length, events('rungs_recovered').length]).toEqual([1, 1]);
  });

  it('are told of in heartbeats, with the reason, while they are shed and once they are back', async () => {
    start({ packaging: 'cmaf', ladder: 'sd' });
    jobs.rungsFail = (number) => number === 1;
    await rig.publish();
    await segments(2);
    await rig.run(6000);
    const said = () => rig.cloud.heartbeats().at(-1)?.sessions;
    const source = { name: 'source', state: 'made' };
    expect(said()).toMatchObject([{ renditions: [source, { name: RUNG, state: 'shed', reason: 'encoder_failed' }] }]);
    await rig.run(30_000);
    await segments(1);
    await rig.run(10_000);
    expect(said()).toMatchObject([{ renditions: [source, { name: RUNG, state: 'made' }] }]);
  });

  it('that fail as soon as they are back are tried more and more seldom', async () => {
    start({ packaging: 'cmaf', ladder: 'sd' });
    jobs.rungsFail = () => true;
    await rig.publish();
    for (let i = 0; i < 150; i += 1) {
      await rig.segment();
      await rig.run(2000);
    }
    expect(jobs.rungCalls.length).toBeGreaterThan(2);
    expect(jobs.rungCalls.length).toBeLessThan(6);
  });

  it('are given up for the oldest segments when the encoder falls behind', async () => {
    start({ packaging: 'cmaf', ladder: 'sd' });
    jobs.holds = (number) => number === 0;
    await rig.publish();
    await segments(4);
    jobs.held.get(0)?.();
    await rig.run(3000);
    expect(await ofRung()).toEqual(['made', 'gap', 'gap', 'gap']);
  });

  it('are not made on a node whose cores are taken', async () => {
    start({ packaging: 'cmaf', ladder: 'sd' }, 0.01);
    await rig.publish();
    await segments(2);
    await rig.run(2000);
    expect(jobs.rungCalls).toEqual([]);
    expect(await fragmentsOf('source')).toEqual(['0.m4s', '1.m4s']);
  });

  it('are made after a restart for the segments that waited, out of the spool', async () => {
    start({ packaging: 'cmaf', ladder: 'sd' });
    jobs.holds = (number) => number === 1;
    await rig.publish();
    await segments(2);
    await rig.crash();
    jobs.holds = () => false;
    rig.restart();
    await rig.run(3000);
    expect(await ofRung()).toEqual(['made', 'made']);
    await rig.hook('on_unpublish');
    await rig.run(3000);
    expect((await rig.playlist(SESSION))?.metadata.ended).toBe('true');
  });
});
