import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Spool } from '../../../../srs-image/agent/session/ports';
import type { SessionSegment, SessionState } from '../../../../srs-image/agent/session/session-state';
import { newSession } from '../../../../srs-image/agent/session/session-state';
import { nextSegment } from '../../../../srs-image/agent/session/timeline';
import { grantOf, Rig, STREAM } from '../rig';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.dispose());

const SESSION = '1-aaaaaaaa';
const told = async () =>
  (await rig.playlist(SESSION))?.playlist.segments.map(({ uri, discontinuity }) => [uri, discontinuity]);
const lost = () => rig.events('segment_lost').map(({ fields }) => fields.reason);

describe('a segment', () => {
  it('of no byte is left out, told once, and marks a gap', async () => {
    await rig.publish();
    await rig.segment();
    await rig.segment('client1', { bytes: 0 });
    await rig.run(20_000);
    await rig.segment();
    await rig.run(2000);
    expect(lost()).toEqual(['it is empty']);
    expect(await told()).toEqual([
      ['0.ts', false],
      ['1.ts', true],
    ]);
    await rig.unpublish();
    await rig.run(5000);
    expect(rig.agent.sessions.all().every(({ state }) => state.finished)).toBe(true);
  });

  it('that vanished from the spool holds up nothing behind it', async () => {
    let away = true;
    rig.dispose();
    rig = new Rig({
      through: (store) => ({
        ...store,
        write: (...write) => (away ? Promise.reject(new Error('503')) : store.write(...write)),
      }),
    });
    await rig.publish();
    for (let count = 0; count < 3; count += 1) await rig.segment();
    rmSync(join(rig.spoolRoot, STREAM, SESSION, 'source', '0.ts'));
    away = false;
    await rig.run(10_000);
    expect(lost()).toEqual(['it is not in the spool any more']);
    expect(await told()).toEqual([
      ['0.ts', true],
      ['1.ts', false],
    ]);
    await rig.crash();
    rig.restart();
    await rig.segment();
    await rig.run(2000);
    expect((await told())?.length).toBe(3);
  });

  it('that vanished once it was in the bucket is not missed', async () => {
    let silent = true;
    rig.dispose();
    rig = new Rig({
      through: (store) => ({
        ...store,
        async write(...write) {
          const result = await store.write(...write);
          if (silent) throw new Error('socket hang up');
          return result;
        },
      }),
    });
    await rig.publish();
    await rig.segment();
    rmSync(join(rig.spoolRoot, STREAM, SESSION, 'source', '0.ts'));
    silent = false;
    await rig.segment();
    await rig.run(10_000);
    expect(lost()).toEqual([]);
    expect(await told()).toEqual([
      ['0.ts', false],
      ['1.ts', false],
    ]);
  });

  it('of 200 MB goes up as any other', async () => {
    const sizes: number[] = [];
    rig.dispose();
    rig = new Rig({
      through: (store) => ({
        ...store,
        async write(name, content, options) {
          if (!name.endsWith('.ts')) return store.write(name, content, options);
          sizes.push(content.length);
          return { kind: 'written', generation: '1' };
        },
      }),
    });
    await rig.publish();
    await rig.segment('client1', { bytes: 200 << 20 });
    await rig.segment();
    await rig.run(2000);
    expect(sizes).toEqual([200 << 20, 1000]);
    expect(await told()).toHaveLength(2);
  }, 30_000);

  it('larger than the whole spool is lost alone: nothing that waits is dropped for it', async () => {
    rig.dispose();
    rig = new Rig({
      env: { spoolLimitBytes: 5000 },
      through: (store) => ({ ...store, write: () => Promise.reject(new Error('503')) }),
    });
    await rig.publish();
    for (let count = 0; count < 3; count += 1) await rig.segment();
    await rig.segment('client1', { bytes: 6000 });
    expect(lost()).toEqual(['full']);
    expect(rig.events('segment_dropped')).toEqual([]);
    expect(rig.agent.sessions.pendingBytes).toBe(3000);
  });
});

describe('a clock that jumps', () => {
  const state = (last: Partial<SessionSegment>): SessionState => ({
    ...newSession({
      grant: grantOf(1),
      keyHash: '',
      client: { clientId: 'c', serviceId: 's', since: 0 },
      publishedAs: { server_id: 'n', ip: '', vhost: '', tcUrl: '' },
      windowMs: 600_000,
    }),
    last: {
      index: 0,
      file: 'a.ts',
      seqNo: 0,
      openedAt: 1_000_000,
      durationMs: 2000,
      bytes: 1,
      programDateTimeMs: 1_000_000,
      discontinuity: false,
      ...last,
    },
  });
  const file = (closedAt: number, seqNo = 1) => ({
    name: 'b.ts',
    path: '/b.ts',
    seqNo,
    openedAt: closedAt - 2000,
    closedAt,
    bytes: 1,
    durationMs: 2000,
  });

  it.each([3_600_000, -900_000])('by %i ms moves no program date time of segments that follow each other', (jump) => {
    expect(nextSegment(state({}), file(1_004_000 + jump))).toMatchObject({
      programDateTimeMs: 1_002_000,
      discontinuity: false,
    });
  });

  it('back never takes program date time back, not even over a gap', () => {
    expect(nextSegment(state({}), file(100_000, 5))).toMatchObject({
      programDateTimeMs: 1_002_000,
      discontinuity: true,
    });
  });
});

describe('a disk', () => {
  /** A spool whose writes fail with `code` while `broken` says so. */
  const failing =
    (code: string, broken: () => boolean) =>
    (spool: Spool): Spool => {
      const check = () => {
        if (broken()) throw Object.assign(new Error(`${code}: no write`), { code });
      };
      return {
        ...spool,
        append(...line) {
          check();
          spool.append(...line);
        },
        replace(...state) {
          check();
          spool.replace(...state);
        },
        link(...file) {
          check();
          return spool.link(...file);
        },
      };
    };

  it.each(['ENOSPC', 'EROFS', 'EIO'])(
    'that takes nothing (%s) loses no segment SRS still has, and says so',
    async (code) => {
      let broken = false;
      rig.dispose();
      rig = new Rig({ spool: failing(code, () => broken) });
      await rig.publish();
      for (let count = 0; count < 2; count += 1) await rig.segment();
      broken = true;
      for (let count = 0; count < 5; count += 1) await rig.segment();
      expect(rig.log.some(({ severity, fields }) => severity !== 'info' && JSON.stringify(fields).includes(code))).toBe(
        true,
      );
      broken = false;
      for (let count = 0; count < 3; count += 1) await rig.segment();
      await rig.run(10_000);
      expect((await told())?.map(([uri]) => uri)).toEqual(Array.from({ length: 10 }, (_, number) => `${number}.ts`));
      await rig.crash();
      rig.restart();
      await rig.segment();
      await rig.run(2000);
      expect(await told()).toHaveLength(11);
    },
  );

  it('that takes nothing refuses newcomers: nobody could keep their media', async () => {
    rig.dispose();
    rig = new Rig({ spool: failing('EROFS', () => true) });
    expect(await rig.publish()).toMatchObject({ status: 500 });
    expect(rig.agent.sessions.all()).toEqual([]);
  });
});

describe('a refusal of Cloud Run itself', () => {
  it.each([401, 403, 404])('is nobody’s decision: a publisher that was admitted goes on (%i)', async (status) => {
    let refuses = false;
    rig.dispose();
    rig = new Rig({
      hooks: { post: async (path, body) => (refuses ? { status, body: undefined } : rig.cloud.hooks.post(path, body)) },
    });
    await rig.publish();
    await rig.segment();
    refuses = true;
    rig.srs.left('client1');
    await rig.unpublish();
    expect(await rig.publish('client2')).toMatchObject({ body: { code: 0 } });
    await rig.run(20_000);
    expect(rig.srs.kicked).toEqual([]);
    expect(await rig.publish('stranger', { stream: 'zzzzzzzzzz012345' })).toMatchObject({ body: { code: 1 } });
  });
});
