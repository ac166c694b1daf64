import { byHand, parsePlan } from '../../../../scripts/tools/deploy/plan';
import { isHarmful, summary } from '../../../../scripts/tools/deploy/plan-summary';

const change = (type: string, actions: string[], more: object = {}) => ({
  address: `${type}.one`,
  type,
  mode: 'managed',
  name: 'one',
  provider_name: 'google',
  change: { actions, before: null, after: null, ...more },
});
const plan = (...changes: object[]) => parsePlan({ format_version: '1.2', resource_changes: changes });

describe('a plan in words', () => {
  it('counts what is made by its type, and says that nobody notices', () => {
    const two = plan(change('google_pubsub_topic', ['create']), change('google_compute_network', ['create']));
    expect(summary(two)).toEqual([
      '2 made',
      'made: 1 compute network, 1 pubsub topic',
      'viewers and publishers notice nothing',
    ]);
  });

  it('names the fields that change, and what comes of it', () => {
    const fields = { before: { source: 'a', name: 'f' }, after: { source: 'b', name: 'f' } };
    expect(summary(plan(change('google_cloudfunctions2_function', ['update'], fields)))).toEqual([
      '1 changed',
      'changed: google_cloudfunctions2_function.one (source): a new revision takes over when it is ready',
      'viewers and publishers notice nothing',
    ]);
  });

  it('names the fields that force a replacement, and who notices', () => {
    const address = change('google_compute_address', ['delete', 'create'], { replace_paths: [['region']] });
    const page = change('google_compute_url_map', ['create', 'delete'], { replace_paths: [['name'], ['name']] });
    expect(summary(plan(address, page))).toEqual([
      '2 replaced',
      'replaced: google_compute_address.one (region): encoders connect again once DNS has followed',
      'replaced: google_compute_url_map.one (name): requests fail for some minutes',
      'noticed by viewers and publishers',
    ]);
  });

  it('passes over what is only read or left as it is', () => {
    const read = { ...change('google_project', ['read']), mode: 'data' };
    expect(summary(plan(read, change('google_pubsub_topic', ['no-op'])))).toEqual(['nothing is changed']);
  });

  it.each([
    ['google_storage_bucket', ['delete'], true],
    ['google_firestore_database', ['delete', 'create'], true],
    ['google_compute_region_instance_group_manager', ['delete', 'create'], true],
    ['google_compute_instance_template', ['create', 'delete'], false],
    ['google_cloudfunctions2_function', ['update'], false],
    ['google_pubsub_topic', ['create'], false],
  ])('is harmful or not: %s %j: %s', (type, actions, harmful) => {
    expect(isHarmful(plan(change(type, actions)))).toBe(harmful);
  });

  it('is refused where Terraform says what nobody knows', () => {
    expect(() => plan(change('google_pubsub_topic', ['explode']))).toThrow(/actions/);
  });
});

describe('a change by hand', () => {
  const fields = (before: object, after: object) => ({ before, after });
  const told = (changes: object[], drift: object[]) =>
    byHand(parsePlan({ resource_changes: changes, resource_drift: drift }));

  it('is what a deploy would set back, and of it the fields it would', () => {
    const mended = change('google_compute_firewall', ['update'], fields({ text: 'theirs' }, { text: 'ours' }));
    const drifted = change(
      'google_compute_firewall',
      ['update'],
      fields({ text: '', tags: null }, { text: 'x', tags: [] }),
    );
    expect(told([mended], [drifted])).toMatchObject([{ address: 'google_compute_firewall.one', fields: ['text'] }]);
  });

  it('is not what a service says in other words since the last deploy', () => {
    const etag = change('google_project_iam_member', ['update'], fields({ etag: 'a' }, { etag: 'b' }));
    expect(told([change('google_project_iam_member', ['no-op'])], [etag])).toEqual([]);
  });

  it('is what is gone, too', () => {
    const gone = change('google_pubsub_topic', ['delete']);
    expect(told([change('google_pubsub_topic', ['create'])], [gone])).toMatchObject([{ kind: 'destroy' }]);
  });
});
