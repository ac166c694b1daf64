import { EnvironmentConfig } from '../../infra/config/schema';
import { Names } from '../../infra/names';

describe('names', () => {
  const names = new Names('staging', 'a-project-of-thirty-characters');

  it('say product, environment and thing', () => {
    expect(names.resource('web')).toBe('srs-live-staging-web');
    expect(names.labels('edge')).toEqual({ product: 'srs-live', environment: 'staging', component: 'edge' });
  });

  it('of buckets are the project’s own, because the namespace is the world', () => {
    expect(names.bucket('ingest')).toBe('srs-live-staging-ingest-a-project-of-thirty-characters');
  });

  it.each([
    ['serviceAccount', 'hls-publisher'],
    ['bucket', 'ingest'],
    ['templatePrefix', 'origin'],
  ] as const)('fit Google’s limit in the environment with the longest name: %s', (kind, thing) => {
    const longest = [...EnvironmentConfig.shape.name.options].sort((a, b) => b.length - a.length)[0] ?? '';
    expect(new Names(longest, 'a-project-of-thirty-characters')[kind](thing)).toContain(thing);
  });

  it.each([
    [
      'serviceAccount',
      'hls-publisher-2',
      "serviceAccount name 'srs-live-staging-hls-publisher-2' (32 characters): use 6 to 30",
    ],
    ['bucket', 'recordings-of-all', 'bucket name'],
    ['resource', 'Web', "resource name 'srs-live-staging-Web'"],
    ['resource', 'a_b', 'a-z'],
  ] as const)('are refused where Google would refuse them: %s %s', (kind, thing, message) => {
    expect(() => names[kind](thing)).toThrow(message);
  });
});
