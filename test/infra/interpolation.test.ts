import { ENVIRONMENTS, eachText, reference, resourcesOf, synthEnvironment, TWO_REGIONS } from '../support/synth';

/**
 * The local stack reads these types out of the synthesised JSON. It is no second Terraform: a literal, or a reference
 * to one attribute, is all it understands.
 */
const INTERPRETED =
  /^google_(cloudfunctions2_function|cloud_run_v2_service_iam_member|cloud_scheduler_job|compute_backend_bucket|compute_backend_service|compute_instance_template|compute_region_network_endpoint_group|compute_url_map|eventarc_trigger|firestore_\w+|pubsub_\w+|secret_manager_secret|service_account|storage_bucket|storage_bucket_iam_member)$/;

const REFERENCE = /^(data\.)?google_\w+\.[\w-]+\.\w+(\[\d+\]\.\w+)?$/;

function beyond(text: string): string[] {
  const expressions = [...text.matchAll(/(?<!\$)\$\{([^}]*)\}/g)].map(([, inner = '']) => inner);
  return [...expressions.filter((inner) => !REFERENCE.test(inner)), ...(/(?<!%)%\{/.test(text) ? ['%{'] : [])];
}

describe('the JSON that the local stack reads', () => {
  it.each([...Object.values(ENVIRONMENTS), TWO_REGIONS])('holds literals and plain references only: $name', (input) => {
    const found: string[] = [];
    const resources = resourcesOf(synthEnvironment(input), INTERPRETED);
    for (const { address, attributes } of resources)
      eachText(attributes, (text, path) => found.push(...beyond(text).map((inner) => `${address}.${path}: ${inner}`)));
    expect(found).toEqual([]);
    expect(resources.length).toBeGreaterThan(40);
  });

  it('has no variables, locals or outputs', () => {
    expect(Object.keys(synthEnvironment(ENVIRONMENTS.dev))).toEqual(
      expect.not.arrayContaining(['variable', 'locals', 'output']),
    );
  });

  it.each([
    [reference('lower(google_storage_bucket.a.name)'), ['lower(google_storage_bucket.a.name)']],
    [reference('var.region'), ['var.region']],
    [reference('google_storage_bucket.a.name == "b" ? 1 : 2'), ['google_storage_bucket.a.name == "b" ? 1 : 2']],
    ['%{ if true }', ['%{']],
    [`rtmp://${reference('google_compute_address.a.address')}/live`, []],
    [reference('google_cloudfunctions2_function.a.service_config[0].uri'), []],
    [`$${reference('HOME')}`, []],
  ])('tells a reference from more: %s', (text, expected) => {
    expect(beyond(text)).toEqual(expected);
  });
});
