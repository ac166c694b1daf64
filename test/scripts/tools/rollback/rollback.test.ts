import { revisionBefore } from '../../../../scripts/tools/rollback/functions';
import { withImage } from '../../../../scripts/tools/rollback/nodes';

const revision = (number: number, state = 'CONDITION_SUCCEEDED') => ({
  name: `projects/p/locations/l/services/api/revisions/api-0000${number}`,
  createTime: `2026-11-26T12:0${number}:00Z`,
  conditions: [{ type: 'Ready', state }],
});

describe('the revision a function goes back to', () => {
  it('is the one made before the one that serves', () => {
    expect(revisionBefore('api-00003', [revision(1), revision(3), revision(2)])).toBe('api-00002');
  });

  it('is one further back each time', () => {
    expect(revisionBefore('api-00002', [revision(3), revision(2), revision(1)])).toBe('api-00001');
  });

  it('is none that does not start', () => {
    expect(revisionBefore('api-00003', [revision(3), revision(2, 'CONDITION_FAILED'), revision(1)])).toBe('api-00001');
  });

  it('is none where nothing was made before', () => {
    expect(revisionBefore('api-00001', [revision(1)])).toBeUndefined();
  });
});

describe('the template of a node after a rollback', () => {
  const registry = 'europe-west1-docker.pkg.dev/live-dev/images';
  const properties = {
    metadata: {
      items: [{ key: 'user-data', value: `docker pull ${registry}/node:v2; docker pull ${registry}/turn:v9` }],
    },
  };

  it.each([
    ['v1', `${registry}/node:v1`],
    [`sha256:${'a'.repeat(64)}`, `${registry}/node@sha256:${'a'.repeat(64)}`],
  ])('has %s in it, and everything else as it was', (image, reference) => {
    const { properties: changed, images } = withImage(properties, image);
    expect(images).toEqual([reference]);
    expect(JSON.stringify(changed)).toBe(JSON.stringify(properties).replace(`${registry}/node:v2`, reference));
  });

  it('goes from a digest to a tag too', () => {
    const digest = JSON.stringify(properties).replace(':v2', `@sha256:${'b'.repeat(64)}`);
    expect(withImage(JSON.parse(digest), 'v1').images).toEqual([`${registry}/node:v1`]);
  });
});
