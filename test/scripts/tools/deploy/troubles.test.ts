import { troubleIn } from '../../../../scripts/tools/deploy/troubles';

const LOCK = `Error: Error acquiring the state lock

Error message: writing "gs://state/environments/dev/default.tflock" failed: googleapi: Error 412: At least one of the pre-conditions
Lock Info:
  ID:        1732630000000000
  Path:      gs://state/environments/dev/default.tflock
  Operation: OperationTypeApply
  Who:       ann@laptop
  Version:   1.11.4
  Created:   2026-11-26 13:00:00.1 +0000 UTC
`;

describe('a trouble of Terraform', () => {
  it.each([
    ['two operators', LOCK, /^ann@laptop deploys it since 2026-11-26 13:00:00.*force-unlock 1732630000000000/],
    [
      'expired credentials',
      'oauth2: "invalid_grant" "reauth related error (invalid_rapt)"',
      /gcloud auth application-default login/,
    ],
    [
      'run not let in',
      'oauth2/google: status code 400: {"error":"unauthorized_client","error_description":"The given credential is rejected by the attribute condition."}',
      /`ci` in infra\/config\/platform.ts/,
    ],
    [
      'run not let in',
      "googleapi: Error 403: Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).",
      /may not act as the environment's deployer/,
    ],
    [
      'lock file',
      'Error: Provider dependency changes detected\n\nChanges to the required provider dependencies were detected, but the lock file is read-only.',
      /infra\/locks/,
    ],
    [
      'lock file',
      "the local package for\nregistry.terraform.io/hashicorp/google 6.50.0 doesn't match any of the\nchecksums previously recorded in the dependency lock file",
      /infra\/locks/,
    ],
    [
      'lock file',
      'hashicorp/google: locked provider registry.terraform.io/hashicorp/google\n6.49.0 does not match configured version constraint 6.50.0',
      /infra\/locks/,
    ],
    [
      'quota',
      "Error waiting: Quota 'BACKEND_BUCKETS' exceeded.  Limit: 3.0 globally.",
      /quota BACKEND_BUCKETS is 3.0: request more at https/,
    ],
    [
      'service off',
      'googleapi: Error 403: iam.googleapis.com has not been used in project 4711 before or it is disabled. Enable',
      /gcloud services enable iam.googleapis.com --project=4711/,
    ],
    [
      'policy',
      'Constraint constraints/compute.vmExternalIpAccess violated for projects/p',
      /constraints\/compute.vmExternalIpAccess is in the way/,
    ],
    ['policy', 'users named in the policy do not belong to a permitted customer', /iam.allowedPolicyMemberDomains/],
    [
      'protected',
      'Error: Instance cannot be destroyed\n\nResource google_storage_bucket.open has\nlifecycle.prevent_destroy set, but the plan calls for this resource to be\ndestroyed.',
      /google_storage_bucket.open is protected/,
    ],
    [
      'secret without a value',
      'Secret projects/p/secrets/live-dev-turn/versions/latest was not found',
      /secret live-dev-turn has no value/,
    ],
  ])('is one message that says the way out: %s', (name, said, message) => {
    expect(troubleIn(said)).toEqual({ name, says: expect.stringMatching(message) });
  });

  it.each([
    ['metric not seen yet', 'Error 404: Cannot find metric(s) that match type = "x"'],
    ['Eventarc not awake yet', 'Permission denied while using the Eventarc Service Agent.'],
    [
      'grant not seen yet',
      'Build failed: failed to Fetch: Access to bucket b denied. You must grant Storage Object Viewer permission to c',
    ],
  ])('that goes away by itself says after how long: %s', (name, said) => {
    expect(troubleIn(said)).toMatchObject({ name, waitSeconds: expect.any(Number) });
  });

  it('that needs a person is told before one that goes away by itself', () => {
    expect(
      troubleIn(`Cannot find metric(s) that match type\nQuota 'URL_MAPS' exceeded.  Limit: 10.0 globally`)?.name,
    ).toBe('quota');
  });

  it('that nobody knows is none', () => {
    expect(troubleIn('Error: Invalid function argument')).toBeUndefined();
  });
});
