import { computeNodeGroup } from '../../../functions/adapters/gcp/google/compute-node-group';
import { nodeGroupSuite } from '../../suites/node-group';
import { GoogleCompute } from '../../support/google/google-compute';
import { GoogleStandIn } from '../../support/google/google-stand-in';

const compute = new GoogleCompute();
const google = new GoogleStandIn(compute.routes);
let apiEndpoint = '';
beforeAll(async () => {
  apiEndpoint = `${await google.start()}/compute.googleapis.com`;
});
afterAll(() => google.stop());

const groupOf = () =>
  computeNodeGroup({
    projectId: 'test-project',
    region: 'europe-west1',
    name: 'nodes',
    apiEndpoint,
    accessToken: async () => 'token-of-the-function',
    clock: { sleep: async () => undefined },
  });

nodeGroupSuite('Compute Engine', (ids) => {
  compute.open(ids);
  return {
    group: groupOf(),
    size: () => compute.size,
    setState: (id, state) => compute.setState(id, state),
    setWanted: (nodes) => {
      compute.wanted = nodes;
    },
  };
});

describe('orders to Compute Engine', () => {
  beforeEach(() => {
    compute.open(['node-a', 'node-b']);
    compute.orders.length = 0;
  });

  it('name the VM in its own zone, and carry the token', async () => {
    await groupOf().remove('node-b');
    await groupOf().replace('node-a');
    expect(compute.orders).toEqual([
      {
        action: 'deleteInstances',
        body: {
          instances: ['projects/test-project/zones/europe-west1-c/instances/node-b'],
          skipInstancesOnValidationError: true,
        },
      },
      {
        action: 'recreateInstances',
        body: { instances: ['projects/test-project/zones/europe-west1-b/instances/node-a'] },
      },
    ]);
    expect([...google.tokens]).toEqual(['Bearer token-of-the-function']);
  });

  it.each(['before', 'after'] as const)(
    'are given again after a failure %s they were taken, and count once',
    async (when) => {
      google.changes = 0;
      // The list is the first request, the order the second.
      google.fault = { change: 2, when };
      expect(await groupOf().remove('node-a')).toBe(true);
      expect(compute.size).toBe(1);
      google.fault = undefined;
    },
  );

  it('say why Google refuses', async () => {
    const stranger = computeNodeGroup({
      projectId: 'test-project',
      region: 'europe-west1',
      name: 'others',
      apiEndpoint,
      accessToken: async () => 'token',
    });
    await expect(stranger.read()).rejects.toThrow(/^404: no such method/);
  });
});
