import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLog } from '../../../../functions/adapters/log';
import { StartError } from '../../../../scripts/emulators/server/start-error';
import { createOrigin } from '../../../../scripts/local/origin';
import { parseSrsConf, readSrsConf } from '../../../../scripts/local/origin/srs-conf';
import { srsEnvironment } from '../../../../scripts/local/origin/srs-launch';

const folder = mkdtempSync(join(tmpdir(), 'srs-live-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const program = (name: string, text: string, mode = 0o755): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};
const options = {
  rtmpPort: 1935,
  apiPort: 1985,
  hooksUrl: 'http://127.0.0.1:8085',
  hlsRoot: '/tmp/hls',
  nodeId: 'node-1',
  docker: false,
  log: jsonLog(() => undefined),
};

describe('choosing an origin', () => {
  it('takes the built-in one if nothing is named', async () => {
    const origin = await createOrigin(options);
    expect([origin.label, origin.rtmpUrl, origin.pid]).toEqual(['built-in', 'rtmp://127.0.0.1:1935/live', undefined]);
  });

  it.each([
    ['srs 5.0.216', '#!/bin/sh\necho 5.0.216\n'],
    ['srs 6.0.157', '#!/bin/sh\necho 6.0.157 >&2\n'],
    ['srs 7.0.143', '#!/bin/sh\necho 7.0.143\n'],
  ])('takes the binary that answers as %s', async (label, text) => {
    expect((await createOrigin({ ...options, srsBin: program(label, text) })).label).toBe(label);
  });

  it.each([
    ['no such file', () => join(folder, 'nowhere')],
    ['not executable', () => program('plain', '6.0.157', 0o644)],
    ['does not run', () => program('broken', '#!/nowhere/sh\n')],
    ['does not run', () => program('failing', '#!/bin/sh\nexit 1\n')],
    ["does not answer '-v' with a version", () => program('other', '#!/bin/sh\necho hello\n')],
    ['is SRS 4.0.268', () => program('old', '#!/bin/sh\necho 4.0.268\n')],
  ])('says in one sentence that SRS_BIN %s', async (why, path) => {
    const failure = await createOrigin({ ...options, srsBin: path() }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartError);
    expect(String(failure)).toMatch(new RegExp(`SRS_BIN '${path()}': ${why}.*built-in origin$`));
  });
});

describe("the project's srs.conf", () => {
  it('says what the local stack goes by', () => {
    const conf = readSrsConf();
    expect(conf.hooks).toEqual(expect.arrayContaining(['on_publish', 'on_unpublish', 'on_play', 'on_stop', 'on_hls']));
    expect(conf).toMatchObject({ fragmentSeconds: 2, cutRatio: 0.9, absoluteRatio: 5, windowSeconds: 30 });
  });

  it('is turned to loopback by environment alone', () => {
    const conf = { hooks: ['on_hls'], fragmentSeconds: 2, cutRatio: 0.9, absoluteRatio: 5, windowSeconds: 30 };
    expect(srsEnvironment({ ...options, hooksUrl: 'http://127.0.0.1:9' }, conf)).toMatchObject({
      SRS_LISTEN: '127.0.0.1:1935',
      SRS_HTTP_API_LISTEN: '127.0.0.1:1985',
      SRS_VHOST_HTTP_HOOKS_ON_HLS: 'http://127.0.0.1:9/srs/on_hls',
      SRS_SERVER_ID: 'node-1',
    });
  });

  it('has SRT, WebRTC and FLV only where ports are given for them', () => {
    const conf = { hooks: [], fragmentSeconds: 2, cutRatio: 0.9, absoluteRatio: 5, windowSeconds: 30 };
    expect(srsEnvironment(options, conf)).toMatchObject({
      SRS_RTC_SERVER_ENABLED: 'off',
      SRS_HTTP_SERVER_ENABLED: 'off',
    });
    expect(srsEnvironment({ ...options, media: { httpPort: 1, srtPort: 2, rtcPort: 3 } }, conf)).toMatchObject({
      SRS_HTTP_SERVER_LISTEN: '127.0.0.1:1',
      SRS_SRT_SERVER_LISTEN: '2',
      SRS_RTC_SERVER_LISTEN: '3',
      CANDIDATE: '*',
      SRS_RTC_SERVER_USE_AUTO_DETECT_NETWORK_IP: 'on',
    });
  });

  it.each([
    ['', 'no hook'],
    ['on_hls http://127.0.0.1:8085/srs/on_hls;\n', "no 'hls_fragment <number>;'"],
  ])('of other words is refused by name: %j', (text, why) => {
    expect(() => parseSrsConf(text)).toThrow(why);
  });
});
