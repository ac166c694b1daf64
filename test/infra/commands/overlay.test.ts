import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withOverlay } from '../../../infra/config/load';

const folder = mkdtempSync(join(tmpdir(), 'srs-live-overlay-'));
const path = join(folder, 'over.json');
afterAll(() => rmSync(folder, { recursive: true }));

const CONFIG = { dev: { ipv6: false, turn: { servers: 0, diskGigabytes: 10 }, zones: ['a', 'b'] }, prod: {} };
const laid = (over: string): unknown => {
  writeFileSync(path, over);
  return withOverlay(CONFIG, path);
};

describe('a file laid over the configuration', () => {
  it('replaces the fields it names, however deep, and lists as a whole', () => {
    expect(laid('{"dev": {"ipv6": true, "turn": {"servers": 1}, "zones": ["c"]}}')).toEqual({
      dev: { ipv6: true, turn: { servers: 1, diskGigabytes: 10 }, zones: ['c'] },
      prod: {},
    });
  });

  it('changes nothing where there is none', () => {
    expect(withOverlay(CONFIG, undefined)).toBe(CONFIG);
  });

  it.each([
    ['{"test": {}}', /test: use some of dev, prod/],
    ['[]', /use a JSON object/],
    ['{', /over\.json: /],
    ['null', /use a JSON object/],
  ])('is refused as %s', (over, words) => {
    expect(() => laid(over)).toThrow(words);
  });

  it('is refused where it is not there', () => {
    expect(() => withOverlay(CONFIG, join(folder, 'other.json'))).toThrow(/other\.json: .*ENOENT/);
  });
});
