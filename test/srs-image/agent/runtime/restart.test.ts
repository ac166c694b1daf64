import { appendFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Rig, STREAM } from '../rig';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.dispose());

const numbered = (names: readonly string[]): string[] => names.map((_, number) => `${number}.ts`);

describe('an agent that was killed', () => {
  it('goes on with the next number, takes what it missed, and renames nothing', async () => {
    await rig.publish();
    const names = [(await rig.segment()).name, (await rig.segment()).name];
    await rig.run(1000);
    await rig.crash();
    for (let i = 0; i < 3; i += 1) {
      await rig.run(2000);
      names.push(rig.srs.segment().name);
    }
    rig.restart();
    await rig.run(500);
    names.push((await rig.segment()).name);
    await rig.run(3000);

    expect(rig.uploaded('1-aaaaaaaa')).toEqual(names);
    const session = await rig.playlist('1-aaaaaaaa');
    expect(session?.playlist.segments.map(({ uri }) => uri)).toEqual(numbered(names));
    expect(session?.playlist.segments.some(({ discontinuity }) => discontinuity)).toBe(false);
    expect(rig.cloud.clients('on_unpublish')).toEqual([]);
  });

  it('uploads what had been spooled, though SRS has removed it', async () => {
    await rig.publish();
    const segment = await rig.segment();
    await rig.crash();
    rig.srs.remove(segment);
    rig.restart();
    await rig.run(3000);
    expect(rig.uploaded('1-aaaaaaaa')).toContain(segment.name);
  });

  it('marks a gap when SRS removed segments nobody took', async () => {
    await rig.publish();
    await rig.segment();
    await rig.crash();
    await rig.run(2000);
    rig.srs.remove(rig.srs.segment());
    rig.restart();
    await rig.segment();
    await rig.run(3000);
    const segments = (await rig.playlist('1-aaaaaaaa'))?.playlist.segments ?? [];
    expect(segments.map(({ uri, discontinuity }) => [uri, discontinuity])).toEqual([
      ['0.ts', false],
      ['1.ts', true],
    ]);
    const apart = (segments[1]?.programDateTimeMs ?? 0) - (segments[0]?.programDateTimeMs ?? 0);
    expect(Math.round(apart / 1000)).toBe(4);
  });

  it('reads its journal up to a line that was cut off', async () => {
    await rig.publish();
    const first = await rig.segment();
    await rig.run(1000);
    await rig.crash();
    appendFileSync(join(rig.spoolRoot, STREAM, '1-aaaaaaaa/journal.jsonl'), '{"kind":"taken","segm');
    rig.restart();
    const second = await rig.segment();
    await rig.run(3000);
    await rig.crash();
    rig.restart();
    const third = await rig.segment();
    await rig.run(3000);
    expect(rig.uploaded('1-aaaaaaaa')).toEqual([first.name, second.name, third.name]);
  });

  it('throws away files that wait for nothing, and folders without a journal', async () => {
    await rig.publish();
    await rig.segment();
    await rig.run(1000);
    await rig.crash();
    writeFileSync(join(rig.spoolRoot, STREAM, '1-aaaaaaaa/source/7.ts'), 'left over');
    writeFileSync(join(rig.spoolRoot, STREAM, '1-aaaaaaaa/journal.jsonl'), 'junk\n');
    rig.restart();
    expect(existsSync(join(rig.spoolRoot, STREAM, '1-aaaaaaaa'))).toBe(false);
  });

  it('ends sessions whose publisher has left meanwhile, and says so', async () => {
    await rig.publish();
    await rig.segment();
    await rig.crash();
    await rig.run(1500);
    const last = rig.srs.segment();
    rig.srs.left('client1');
    rig.restart();
    await rig.run(6000);
    expect(rig.uploaded('1-aaaaaaaa')).toContain(last.name);
    expect((await rig.playlist('1-aaaaaaaa'))?.metadata.ended).toBe('true');
    expect(rig.cloud.clients('on_unpublish')).toEqual(['client1']);
  });

  it('says what it still owed the cloud', async () => {
    await rig.publish();
    rig.cloud.away = true;
    await rig.unpublish();
    await rig.crash();
    rig.cloud.away = false;
    rig.restart();
    await rig.run(3000);
    expect(rig.cloud.clients('on_unpublish')).toEqual(['client1']);
  });

  it('keeps its numbers over a journal that was written again many times', async () => {
    await rig.publish();
    for (let i = 0; i < 600; i += 1) await rig.segment();
    await rig.crash();
    rig.restart();
    const last = await rig.segment();
    await rig.run(2000);
    expect(rig.uploaded('1-aaaaaaaa')).toHaveLength(601);
    expect(rig.uploaded('1-aaaaaaaa')[600]).toBe(last.name);
    expect(rig.spooled(`${STREAM}/1-aaaaaaaa/journal.jsonl`).length).toBeLessThan(400_000);
    // Twenty minutes of a stream: seconds on a machine that is busy.
  }, 20_000);
});

describe('a session that is over', () => {
  it('leaves nothing on the disk once nobody may resume it', async () => {
    await rig.publish();
    await rig.segment();
    await rig.unpublish();
    await rig.run(5000);
    expect(readdirSync(join(rig.spoolRoot, STREAM, '1-aaaaaaaa/source'))).toEqual([]);
    await rig.run(80_000);
    expect(readdirSync(rig.spoolRoot)).toEqual([]);
  });
});
