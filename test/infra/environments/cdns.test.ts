import { api, hlsPublisher, reconciler } from '../../../functions/contract/env/functions';
import { EnvironmentConfig } from '../../../infra/config/schema';
import { at, ENVIRONMENTS, resourcesOf, synthEnvironment } from '../../support/synth';

const { dev } = ENVIRONMENTS;
const cdns = [{ name: 'second', host: 'second.example.net', weight: 30 }];
const withCdns = { ...dev, cdns };
type Synthesised = ReturnType<typeof synthEnvironment>;

const functionsOf = (stack: Synthesised) =>
  resourcesOf(stack, /^google_cloudfunctions2_function$/).flatMap(({ attributes }) => {
    const value = at(attributes, 'service_config.environment_variables.CDNS');
    return value === undefined ? [] : [{ entryPoint: at(attributes, 'build_config.entry_point'), value }];
  });

/** Each Content-Security-Policy of the pages. */
const policiesOf = (stack: Synthesised) => JSON.stringify(stack).match(/default-src 'none'[^"]*/g) ?? [];

describe('several CDNs', () => {
  it('are data of the environment: of the functions that write playlists or take orders, and of the pages', () => {
    const stack = synthEnvironment(withCdns);
    const found = functionsOf(stack);
    expect(found.map(({ entryPoint }) => entryPoint).sort()).toEqual(['api', 'hls-publisher', 'reconciler']);
    for (const { value } of found)
      for (const { env } of [api, hlsPublisher, reconciler]) expect(env.shape.CDNS.parse(value)).toEqual(cdns);
    expect(policiesOf(stack).length).toBeGreaterThan(1);
    for (const policy of policiesOf(stack)) {
      expect(policy).toContain("connect-src 'self' https://second.example.net;");
      expect(policy).toContain("media-src 'self' https://second.example.net blob:;");
      expect(policy).toContain("script-src 'self';");
    }
  });

  it('change nothing of an environment that names none', () => {
    const stack = synthEnvironment(dev);
    expect(functionsOf(stack)).toEqual([]);
    expect(synthEnvironment({ ...dev, cdns: [] })).toEqual(stack);
    for (const policy of policiesOf(stack)) {
      expect(policy).toContain("connect-src 'self';");
      expect(policy).toContain("media-src 'self' blob:;");
    }
  });

  it.each<[string, object, string]>([
    ['limits by country', { playback: { ...dev.playback, onlyCountries: ['DE'] } }, 'must be absent where playback'],
    ['denied ranges', { playback: { ...dev.playback, deniedRanges: ['192.0.2.0/24'] } }, 'must be absent where'],
    ['the host of the main CDN', { cdns: [{ ...cdns[0], host: dev.domain }] }, 'must not have the host of domain'],
    ['a URL for a host', { cdns: [{ ...cdns[0], host: 'https://a.example.net' }] }, 'use a host in lower case'],
    ['a name that stands twice', { cdns: [...cdns, { ...cdns[0], host: 'b.example.net' }] }, 'must not stand twice'],
  ])('are refused with %s', (_name, more, why) => {
    expect(EnvironmentConfig.safeParse({ ...withCdns, ...more }).error?.message).toContain(why);
  });
});
