import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SrsHook } from '../../functions/contract/hooks/srs';
import { path, ROUTES } from '../../functions/contract/routes';
import { NODE } from '../../srs-image/render/node';

const conf = readFileSync(join(__dirname, '../../srs-image/rootfs/etc/srs/srs.conf'), 'utf8').replace(/#.*$/gm, '');
const setting = (directive: string): string | undefined =>
  new RegExp(`^\\s*${directive}\\s+([^;{]+);`, 'm').exec(conf)?.[1];

describe('srs.conf', () => {
  const hooks = [...conf.matchAll(/^\s*(on_\w+)\s+(\S+);/gm)].map(([, action = '', url = '']) => ({ action, url }));

  it('sends every hook to the agent on this machine, by the path of its action', () => {
    expect(hooks.map(({ action }) => action)).toEqual(['on_publish', 'on_unpublish', 'on_play', 'on_stop', 'on_hls']);
    for (const { action, url } of hooks) {
      expect(url).toBe(`http://127.0.0.1:${NODE.hooksPort}${path(ROUTES.agentHooks.action, { action })}`);
    }
  });

  it('names only hooks the agent takes', () => {
    const known = SrsHook.options.map((option) => option.shape.action.value);
    expect(known).toEqual(expect.arrayContaining(hooks.map(({ action }) => action)));
  });

  it('writes HLS as the agent reads it, and keeps it when it stops', () => {
    expect(setting('hls_path')).toBe(NODE.hlsRoot);
    expect(setting('hls_ts_file')).toBe('[app]/[stream]/[timestamp]-[seq].ts');
    expect(setting('hls_m3u8_file')).toBe('[app]/[stream]/live.m3u8');
    expect(setting('hls_dispose')).toBe('0');
  });

  it('cuts at a keyframe that comes a moment early, of a browser that is asked for it or of an encoder', () => {
    const seconds = Number(setting('hls_fragment'));
    const pli = Number(setting('pli_for_rtmp'));
    const earliest = seconds * Number(setting('hls_td_ratio'));
    expect(pli - earliest).toBeGreaterThan(0.1);
    expect(seconds - earliest).toBeGreaterThan(0.1);
    // A keyframe every second must not cut after each, and a browser's segment rounds to the length that is wanted.
    expect(earliest).toBeGreaterThan(1.1);
    expect(Math.round(pli)).toBe(seconds);
  });

  it('lets sound cut no picture whose keyframes are ten seconds apart', () => {
    expect(Number(setting('hls_fragment')) * Number(setting('hls_aof_ratio'))).toBeGreaterThanOrEqual(10);
  });

  it('shows its API to this machine only, and no log level that prints keys', () => {
    expect(conf).toMatch(new RegExp(`http_api \\{[^}]*listen\\s+127\\.0\\.0\\.1:${NODE.srsApiPort};`));
    expect(setting('srs_log_level_v2')).toBe('warn');
  });
});
