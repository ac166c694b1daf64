import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkPlaylist,
  checkSuccession,
  checkVariants,
  type RuleFinding,
} from '../../../../scripts/tools/check-hls/rules';

/** A new case is one file (or a pair), named `<clause>--<what>` or `valid--<what>`. */
const folder = join('test', 'fixtures', 'rfc8216bis-playlists');
const rules = join('scripts', 'tools', 'check-hls', 'rules');
const files = readdirSync(folder);
const text = (file: string): string => readFileSync(join(folder, file), 'utf8');
const names = (suffix: string): string[] =>
  files.filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length));
const single = names('.m3u8').filter((name) => !/\.(before|after|one|two)$/.test(name));
const clausesOf = (findings: RuleFinding[]): string[] => [...new Set(findings.map(({ clause }) => clause))];
const expected = (name: string): string[] => (name.startsWith('valid--') ? [] : [name.split('--')[0] ?? '']);

describe('the playlist rules of rfc8216bis', () => {
  it.each(single)('one playlist: %s', (name) => {
    expect(clausesOf(checkPlaylist(text(`${name}.m3u8`)))).toEqual(expected(name));
  });

  it.each(names('.before.m3u8'))('one version after another: %s', (name) => {
    expect(clausesOf(checkSuccession(text(`${name}.before.m3u8`), text(`${name}.after.m3u8`)))).toEqual(expected(name));
  });

  it.each(names('.one.m3u8'))('two variants side by side: %s', (name) => {
    expect(clausesOf(checkVariants([text(`${name}.one.m3u8`), text(`${name}.two.m3u8`)]))).toEqual(expected(name));
  });

  it('has a broken fixture for every clause it names', () => {
    const source = readdirSync(rules).map((file) => readFileSync(join(rules, file), 'utf8'));
    const named = new Set(source.join('\n').match(/(?<=['"])(4\.1|4\.4\.\d\.\d|6\.2\.\d|8)(?=['"])/g));
    expect([...named].filter((clause) => !files.some((file) => file.startsWith(`${clause}--`)))).toEqual([]);
    expect(named.size).toBeGreaterThanOrEqual(24);
  });
});
