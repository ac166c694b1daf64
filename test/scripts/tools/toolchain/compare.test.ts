import { differences } from '../../../../scripts/tools/toolchain/compare';

const file = (value: unknown): Record<string, Buffer> => ({
  'stacks/dev/cdk.tf.json': Buffer.from(JSON.stringify(value)),
});
const bucket = (attributes: object) => ({ resource: { google_storage_bucket: { media: attributes } } });

describe('differences of two toolchains', () => {
  it('are none where only metadata and the order of keys differ', () => {
    const one = { '//': { metadata: { version: '0.21.0' } }, ...bucket({ name: 'a', cors: [{ origin: ['*'] }] }) };
    const other = { ...bucket({ cors: [{ origin: ['*'] }], name: 'a', '//': { metadata: {} } }), '//': {} };
    expect(differences(file(one), file(other))).toEqual([]);
  });

  it.each([
    [bucket({ name: 'a' }), bucket({ name: 'b' }), 'resource.google_storage_bucket.media.name'],
    [bucket({ name: 'a' }), bucket({}), 'resource.google_storage_bucket.media.name'],
    [bucket({ cors: ['a'] }), bucket({ cors: { 0: 'a' } }), 'resource.google_storage_bucket.media.cors'],
    [bucket({ cors: ['a'] }), bucket({ cors: ['a', 'b'] }), 'resource.google_storage_bucket.media.cors.1'],
  ])('are named: %j and %j', (one, other, path) => {
    expect(differences(file(one), file(other))).toEqual([`stacks/dev/cdk.tf.json: ${path}`]);
    expect(differences(file(other), file(one))).toEqual([`stacks/dev/cdk.tf.json: ${path}`]);
  });

  it('are a file that only one has, and other bytes of one that is no JSON', () => {
    expect(differences({ 'a.zip': Buffer.from('1') }, { 'a.zip': Buffer.from('2') })).toEqual(['a.zip: other bytes']);
    expect(differences({ 'a.zip': Buffer.from('1') }, {})).toEqual(['a.zip: only on one side']);
  });
});
