import { existsSync, readFileSync } from 'node:fs';
import {
  Comparison,
  compared,
  leftOut,
  page,
  type Row,
  regressions,
  unexplained,
} from '../../../../scripts/tools/bench/compare/comparison';
import { inTurns } from '../../../../scripts/tools/bench/compare/in-turns';
import { playableUri } from '../../../../scripts/tools/bench/compare/media-rows';
import { peersOf } from '../../../../scripts/tools/bench/compare/peers-env';
import { REASONS } from '../../../../scripts/tools/bench/compare/reasons';

const row = (name: string, ours: number, more: Partial<Omit<Row, 'ratio'>> = {}): Row =>
  compared({ name, peer: 'the peer', ours, theirs: 100, unit: 'ms', goal: 1.5, ...more });

const made = (...rows: Row[]): Comparison => ({
  date: '2026-11-26',
  machine: '2 cores',
  versions: { Node: 'v20' },
  rows,
  notMeasured: [],
});

describe('the comparison with peers', () => {
  it('divides ours by theirs', () => {
    expect(row('a', 133).ratio).toBe(1.33);
  });

  it('refuses a row of nothing', () => {
    expect(() => row('a', Number.NaN)).toThrow('ours');
    expect(() => row('a', 1, { theirs: 0 })).toThrow('theirs');
  });

  it('names a ratio that is more than 20 % worse, and no other', () => {
    const last = [row('worse', 100), row('same', 100), row('gone', 100)];
    const now = [row('worse', 121), row('same', 120), row('new', 900)];
    expect(regressions(now, last)).toEqual([
      'worse: 1.21 times its peer, and 1 times when docs/FIGURES.md was written',
    ]);
  });

  it('says which rows were left out, and which peers are not there', () => {
    const last = [row('same', 100), row('gone', 100)];
    expect(leftOut({ rows: [row('same', 100)], notMeasured: ['MediaMTX: give MEDIAMTX_BIN'] }, last)).toEqual([
      'gone: not checked beside the peer, which is not there',
      'not measured: MediaMTX: give MEDIAMTX_BIN',
    ]);
    expect(leftOut({ rows: last, notMeasured: [] }, last)).toEqual([]);
  });

  it('asks for a sentence why for each row that is worse than its goal', () => {
    expect(unexplained(made(row('slow', 151), row('fast', 150)), {})).toEqual([
      'slow: 1.51, more than 1.5: reasons.ts has to say why',
    ]);
    expect(unexplained(made(row('slow', 151)), { slow: 'It reads more.' })).toEqual([]);
    expect(page(made(row('slow', 151)), { slow: 'It reads more.' })).toContain('| **1.51** | 1.5 | It reads more. |');
    expect(page(made(row('fast', 150)), {})).toContain('| **1.5** | 1.5 | met |');
  });

  it('names the peers that were not there', () => {
    expect(page({ ...made(row('fast', 150)), notMeasured: ['MediaMTX'] }, {})).toContain('\nNot measured: MediaMTX.\n');
    expect(peersOf({}).missing).toHaveLength(2);
    expect(peersOf({ PEERS_DIR: '.', MEDIAMTX_BIN: 'package.json' })).toEqual({
      parsersFolder: '.',
      mediaMtx: 'package.json',
      missing: [],
    });
    expect(() => peersOf({ MEDIAMTX_BIN: '/not/there' })).toThrow("MEDIAMTX_BIN '/not/there': use a path that exists");
  });

  it('takes ours and theirs in turns, and does not count the first', async () => {
    const taken: string[] = [];
    const samples = await inTurns(
      2,
      () => taken.push('ours'),
      () => taken.push('theirs'),
    );
    expect(taken).toEqual(['ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs']);
    expect(samples).toEqual({ ours: [3, 5], theirs: [4, 6] });
  });

  it('takes no gap for the first segment of a playlist', () => {
    expect(playableUri('#EXTM3U\n#EXT-X-GAP\n#EXTINF:2,\ngap.mp4\n#EXTINF:2,\nfirst.ts\n')).toBe('first.ts');
    expect(playableUri('#EXTM3U\n')).toBeUndefined();
  });
});

describe('docs/FIGURES.md', () => {
  it('is the page of docs/figures.json', () => {
    expect(existsSync('docs/figures.json')).toBe(true);
    const figures = Comparison.parse(JSON.parse(readFileSync('docs/figures.json', 'utf8')));
    expect(readFileSync('docs/FIGURES.md', 'utf8')).toBe(page(figures, REASONS));
    expect(unexplained(figures, REASONS)).toEqual([]);
  });
});
