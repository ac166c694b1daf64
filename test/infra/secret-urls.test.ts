import { ROUTES } from '../../functions/contract/routes';
import { SECRET_URLS } from '../../infra/constructs/observability/edge-logs';
import { ENVIRONMENTS, resourcesOf, synthEnvironment } from '../support/synth';

const HOST = 'https://live.example.com';
const fill = (path: string): string => path.replace(/\{\w+\}/g, 'abcdefgh12345678');
const kept = new RegExp(/=~"(.*)"$/.exec(SECRET_URLS)?.[1] ?? '(?!)');

describe('URLs that stay out of logs', () => {
  it.each([
    ['hooks of an SRS of somebody else', `${fill(ROUTES.api.srsHook)}?secret=s`],
    ['hooks of nginx-rtmp', ROUTES.api.rtmpPublish],
    ['a call-back of a player', ROUTES.api.onPlay],
    ['a grant’s index', fill(ROUTES.grants.index)],
    ['a grant’s playlist', `${fill(ROUTES.grants.playlist)}?v=1`],
    ['a grant’s renewal', fill(ROUTES.grants.renewal)],
    ['a signed playlist', '/gated/p/a/index.m3u8?URLPrefix=a&Expires=1&KeyName=k&Signature=s'],
    ['HTTP-FLV with a play token', `${fill(ROUTES.media.flv)}?token=t`],
    ['HTTP-FLV of a node with a play token', '/live/abcdefgh12345678.flv?a=1&token=t'],
    ['a content key with a play token', `${fill(ROUTES.api.contentKey)}?token=t`],
    ['a stream key in a query', '/rtc/v1/publish/?app=live&key=sk_a'],
  ])('%s', (_, path) => {
    expect(HOST + path).toMatch(kept);
  });

  it.each([
    ['an open playlist', '/open/p/a/index.m3u8'],
    ['a stream', fill(ROUTES.api.stream)],
    ['a gated segment by cookie', '/gated/s/a/b/source/1.ts'],
    ['a key that is made again', fill(ROUTES.api.key)],
    ['WHIP', fill(ROUTES.media.whip)],
    ['a content key by cookie', fill(ROUTES.api.contentKey)],
    ['what somebody appended a field to', `${fill(ROUTES.api.stream)}?secret=1&token=2&key=3&Signature=4`],
    ['an open playlist with a token', '/open/p/a/index.m3u8?token=1'],
    ['low-latency HLS that somebody appended a token to', '/live/abcdefgh12345678/index.m3u8?token=1'],
    ['a path in a query', '/api/v1/streams?a=/grants/&b=/api/v1/srs/&c=/gated/?'],
  ])('do not include %s', (_, path) => {
    expect(HOST + path).not.toMatch(kept);
  });

  it('are left out of the logs, and signed media alone is in the reports', () => {
    const json = synthEnvironment(ENVIRONMENTS.dev);
    const exclusion = resourcesOf(json, /^google_logging_project_exclusion$/).find(
      ({ path }) => path === 'edge/logs/secrets',
    );
    expect(exclusion?.attributes.filter).toBe(
      `(resource.type="http_load_balancer" OR resource.type="cloud_run_revision") AND ${SECRET_URLS}`,
    );
    const sink = resourcesOf(json, /^google_logging_project_sink$/)[0]?.attributes;
    expect(sink).not.toHaveProperty('exclusions');
    const reported = new RegExp(/requestUrl=~"([^"]+)"/.exec(String(sink?.filter))?.[1] ?? '(?!)');
    const secret = [fill(ROUTES.api.srsHook), ROUTES.api.rtmpPublish, ROUTES.api.onPlay, fill(ROUTES.grants.index)];
    for (const path of [...secret, fill(ROUTES.media.flv), '/rtc/v1/publish/'])
      expect(HOST + path).not.toMatch(reported);
    expect(`${HOST}/gated/p/a/index.m3u8?URLPrefix=a`).toMatch(reported);
  });
});
