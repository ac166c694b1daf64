import type { ObjectStore, WriteResult } from '../../../../functions/ports/stores';
import { API, Rig, STREAM } from '../rig';

let rig: Rig;
afterEach(() => rig.dispose());

type Trouble = 'throw' | 'lose answer' | 'rate_limited' | undefined;
interface Written {
  name: string;
  text: string;
}

/** Stores whose writes go wrong as told; what was written is noted in its order. */
const troubled =
  (trouble: (name: string) => Trouble, written: Written[] = []) =>
  (store: ObjectStore): ObjectStore => ({
    ...store,
    async write(name, content, options): Promise<WriteResult> {
      const kind = trouble(name);
      if (kind === 'throw') throw new Error('503');
      if (kind === 'rate_limited') return { kind: 'rate_limited' };
      const result = await store.write(name, content, options);
      if (result.kind === 'written') written.push({ name, text: content.toString() });
      if (kind === 'lose answer') throw new Error('socket hang up');
      return result;
    },
  });

const isSegment = (name: string): boolean => name.endsWith('.ts');
const numberOf = (name: string): number => Number(/(\d+)\.ts$/.exec(name)?.[1]);
const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('uploading a session', () => {
  it('writes a segment before the playlist that names it, each with its headers and metadata', async () => {
    rig = new Rig();
    await rig.publish();
    const segment = await rig.segment();
    await rig.run(100);

    const name = `open/s/${STREAM}/1-aaaaaaaa/source/0.ts`;
    expect(rig.open.entry(name)).toMatchObject({
      contentType: 'video/mp2t',
      cacheControl: 'public, max-age=86400, immutable',
      metadata: { durationMs: '2000', discontinuity: 'false', programDateTime: expect.stringMatching(/Z$/) },
    });
    expect(rig.open.entry(name)?.customTime).toBeUndefined();
    expect(rig.uploaded('1-aaaaaaaa')).toEqual([segment.name]);
    const session = await rig.playlist('1-aaaaaaaa');
    expect(session?.playlist.segments.map(({ uri }) => uri)).toEqual(['0.ts']);
    expect(session?.metadata).toMatchObject({
      policy: 'open',
      broadcast: 'b1-aaaaaaaa',
      ordinal: '1',
      window: '30',
      ended: 'false',
    });
    expect(rig.ingest.entry(`${STREAM}/1-aaaaaaaa/source.m3u8`)).toMatchObject({ cacheControl: 'no-store' });
  });

  it('marks segments that are not recorded for expiry', async () => {
    rig = new Rig();
    rig.cloud.grant = { recording: false };
    await rig.publish();
    await rig.segment();
    await rig.run(100);
    expect(rig.open.entry(`open/s/${STREAM}/1-aaaaaaaa/source/0.ts`)?.customTime).toBeInstanceOf(Date);
  });

  it('names only segments that are in the bucket, while every third write goes wrong somehow', async () => {
    const written: Written[] = [];
    let calls = 0;
    const kinds: Trouble[] = [
      'throw',
      undefined,
      undefined,
      'lose answer',
      undefined,
      undefined,
      'rate_limited',
      undefined,
      undefined,
    ];
    const trouble = (): Trouble => {
      calls += 1;
      return kinds[calls % kinds.length];
    };
    rig = new Rig({ through: troubled(trouble, written) });
    await rig.publish();
    for (let i = 0; i < 20; i += 1) await rig.segment();
    await rig.unpublish();
    await rig.run(60_000);

    const there = new Set<number>();
    for (const { name, text } of written) {
      if (isSegment(name)) there.add(numberOf(name));
      else expect([...there]).toEqual(expect.arrayContaining(text.match(/^\d+\.ts$/gm)?.map(numberOf) ?? []));
    }
    expect(written.filter(({ name }) => isSegment(name)).map(({ name }) => numberOf(name))).toEqual(count(20));
    const session = await rig.playlist('1-aaaaaaaa');
    expect(session?.metadata.ended).toBe('true');
    expect(session?.playlist.segments.map(({ uri, discontinuity }) => [uri, discontinuity])).toEqual(
      count(20).map((n) => [`${n}.ts`, false]),
    );
  });

  it('keeps everything in order while the store is away for a minute, and catches up without a gap', async () => {
    let away = false;
    const written: Written[] = [];
    rig = new Rig({ through: troubled(() => (away ? 'throw' : undefined), written) });
    await rig.publish();
    for (let i = 0; i < 3; i += 1) await rig.segment();
    away = true;
    for (let i = 0; i < 30; i += 1) await rig.segment();
    expect(rig.agent.sessions.pendingBytes).toBe(30_000);
    away = false;
    await rig.run(30_000);

    expect(rig.agent.sessions.pendingBytes).toBe(0);
    expect(written.filter(({ name }) => isSegment(name)).map(({ name }) => numberOf(name))).toEqual(count(33));
    const session = await rig.playlist('1-aaaaaaaa');
    expect(session?.playlist.segments.map(({ uri }) => uri)).toEqual(count(33).map((n) => `${n}.ts`));
    expect(session?.playlist.segments.some(({ discontinuity }) => discontinuity)).toBe(false);
    expect([rig.events('upload_failed').length, rig.events('upload_recovered').length]).toEqual([1, 1]);
  });

  it('writes one playlist for several segments that waited', async () => {
    let away = true;
    const written: Written[] = [];
    rig = new Rig({ through: troubled((name) => (away && isSegment(name) ? 'throw' : undefined), written) });
    await rig.publish();
    for (let i = 0; i < 10; i += 1) await rig.segment();
    away = false;
    await rig.run(10_000);
    expect(written.filter(({ name }) => isSegment(name))).toHaveLength(10);
    expect(written.filter(({ name }) => !isSegment(name))).toHaveLength(2);
  });

  it('writes over an own playlist whose answer was lost', async () => {
    let lost = false;
    const trouble = (name: string): Trouble => {
      const first = !isSegment(name) && !lost;
      lost ||= first;
      return first ? 'lose answer' : undefined;
    };
    rig = new Rig({ through: troubled(trouble) });
    await rig.publish();
    await rig.segment();
    await rig.segment();
    await rig.run(5000);
    expect((await rig.playlist('1-aaaaaaaa'))?.playlist.segments.map(({ uri }) => uri)).toEqual(['0.ts', '1.ts']);
  });

  it('says that it ended only when everything is there', async () => {
    rig = new Rig();
    await rig.publish();
    for (let i = 0; i < 3; i += 1) await rig.segment();
    await rig.run(2000);
    expect((await rig.playlist('1-aaaaaaaa'))?.metadata.ended).toBe('false');
    await rig.unpublish();
    await rig.run(3000);
    expect(await rig.playlist('1-aaaaaaaa')).toMatchObject({ metadata: { ended: 'true' }, playlist: { ended: false } });
  });

  it('says that nothing follows once its broadcast was stopped, whether it is over already or not', async () => {
    rig = new Rig();
    const body = JSON.stringify({ streamId: STREAM, sessionId: '1-aaaaaaaa' });
    await rig.publish();
    await rig.segment();
    expect(await rig.call('POST', '/sessions/final', { caller: API, body })).toMatchObject({ status: 200 });
    expect(rig.srs.kicked).toEqual(['client1']);
    expect((await rig.playlist('1-aaaaaaaa'))?.metadata.final).toBeUndefined();
    await rig.unpublish();
    await rig.run(3000);
    expect(await rig.playlist('1-aaaaaaaa')).toMatchObject({ metadata: { ended: 'true', final: 'true' } });
  });

  it('says so too when it had said everything, and lets nobody go on in it while the cloud is away', async () => {
    rig = new Rig();
    await rig.publish();
    await rig.segment();
    await rig.unpublish();
    await rig.run(5000);
    expect((await rig.playlist('1-aaaaaaaa'))?.metadata).toMatchObject({ ended: 'true' });
    const body = JSON.stringify({ streamId: STREAM, sessionId: '1-aaaaaaaa' });
    expect(await rig.call('POST', '/sessions/final', { caller: API, body })).toMatchObject({ status: 200 });
    await rig.run(3000);
    expect((await rig.playlist('1-aaaaaaaa'))?.metadata).toMatchObject({ ended: 'true', final: 'true' });
    rig.cloud.away = true;
    expect(await rig.publish('client2')).not.toMatchObject({ body: { code: 0 } });
  });

  it('of a session the node does not know is refused', async () => {
    rig = new Rig();
    const body = JSON.stringify({ streamId: STREAM, sessionId: '7-aaaaaaaa' });
    expect(await rig.call('POST', '/sessions/final', { caller: API, body })).toMatchObject({ status: 404 });
    expect(await rig.call('POST', '/sessions/final', { body })).toMatchObject({ status: 401 });
  });

  it('lists the window and counts the discontinuities that left it', async () => {
    rig = new Rig({ env: { sessionWindowSeconds: 60 } });
    await rig.publish();
    await rig.segment();
    await rig.segment('client1', { seqNo: 9 });
    for (let i = 0; i < 40; i += 1) await rig.segment();
    await rig.run(2000);
    const session = await rig.playlist('1-aaaaaaaa');
    expect(session?.playlist).toMatchObject({ mediaSequence: 12, discontinuitySequence: 1 });
    expect(session?.playlist.segments).toHaveLength(30);
  });

  it('keeps program date time without a gap over segments that follow each other', async () => {
    rig = new Rig();
    await rig.publish();
    for (let i = 0; i < 5; i += 1) await rig.segment();
    await rig.run(2000);
    const times =
      (await rig.playlist('1-aaaaaaaa'))?.playlist.segments.map(({ programDateTimeMs = 0 }) => programDateTimeMs) ?? [];
    expect(times.slice(1).map((time, i) => time - (times[i] ?? 0))).toEqual([2000, 2000, 2000, 2000]);
  });

  it('drops the oldest that wait when the spool is full, says so, and leaves no gap in the numbers', async () => {
    let away = true;
    rig = new Rig({ through: troubled(() => (away ? 'throw' : undefined)), env: { spoolLimitBytes: 5000 } });
    await rig.publish();
    for (let i = 0; i < 8; i += 1) await rig.segment();
    expect(rig.agent.sessions.pendingBytes).toBe(5000);
    away = false;
    await rig.run(20_000);

    expect(rig.events('segment_dropped')).toHaveLength(3);
    const segments = (await rig.playlist('1-aaaaaaaa'))?.playlist.segments ?? [];
    expect(segments.map(({ uri, discontinuity }) => [uri, discontinuity])).toEqual([
      ['0.ts', false],
      ['1.ts', true],
      ['2.ts', false],
      ['3.ts', false],
      ['4.ts', false],
    ]);
    expect((segments[1]?.programDateTimeMs ?? 0) - (segments[0]?.programDateTimeMs ?? 0)).toBe(8000);
  });
});
