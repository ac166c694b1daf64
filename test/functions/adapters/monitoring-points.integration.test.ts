import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { metadataAccessTokens, metadataServer } from '../../../functions/adapters/gcp/google/metadata-server';
import { monitoringPoints } from '../../../functions/adapters/gcp/google/monitoring-points';
import { PUBLISHERS_METRIC } from '../../../functions/contract/env/agent';
import { NODE_METRICS } from '../../../functions/contract/env/node-metrics';
import { close, listen } from '../../../scripts/emulators/server/listen';

interface Asked {
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}
const servers: Server[] = [];
afterAll(async () => {
  for (const server of servers) await close(server);
});

async function stub(answer: (asked: Asked) => { status?: number; body: string }) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const one = { url: request.url, headers: request.headers, body: await text(request) };
    asked.push(one);
    const { status = 200, body } = answer(one);
    response.writeHead(status, { connection: 'close' }).end(body);
  });
  servers.push(server);
  return { url: `http://127.0.0.1:${await listen(server, 0, 'stub')}`, asked };
}

const VM: Readonly<Record<string, string>> = {
  'project/project-id': 'test-project',
  'instance/id': '1234567890123456789',
  'instance/zone': 'projects/42/zones/europe-west1-b',
  'instance/service-accounts/default/token': '{"access_token":"token-1","expires_in":3599,"token_type":"Bearer"}',
};
const AT = Date.UTC(2026, 10, 21, 12);

describe('points of a VM in Cloud Monitoring', () => {
  let now = AT;
  let up = true;
  let refusal: { status: number; body: string } | undefined;
  let metadata: Awaited<ReturnType<typeof stub>>;
  let monitoring: Awaited<ReturnType<typeof stub>>;
  beforeEach(async () => {
    now = AT;
    up = true;
    refusal = undefined;
    metadata = await stub(({ url }) => {
      const value = up ? VM[`${url}`.replace('/computeMetadata/v1/', '')] : undefined;
      return value === undefined ? { status: 503, body: 'not yet' } : { body: `${value}\n` };
    });
    monitoring = await stub(() => refusal ?? { body: '{}' });
  });
  const gauge = () => {
    const write = points();
    return (value: number, atMs: number) => write([{ type: PUBLISHERS_METRIC, kind: 'GAUGE', value }], atMs);
  };
  const points = () => {
    const ask = metadataServer(metadata.url);
    const accessToken = metadataAccessTokens(ask, { now: () => now });
    return monitoringPoints({ apiEndpoint: monitoring.url, metadata: ask, accessToken });
  };

  it('writes one point in the form of timeSeries.create, on the VM, with the token of its account', async () => {
    await gauge()(37, AT);
    expect(monitoring.asked).toMatchObject([
      {
        url: '/v3/projects/test-project/timeSeries',
        headers: { authorization: 'Bearer token-1', 'content-type': 'application/json' },
      },
    ]);
    expect(JSON.parse(monitoring.asked[0]?.body ?? '')).toEqual({
      timeSeries: [
        {
          metric: { type: 'custom.googleapis.com/srs_live/publishers', labels: {} },
          resource: {
            type: 'gce_instance',
            labels: { project_id: 'test-project', instance_id: '1234567890123456789', zone: 'europe-west1-b' },
          },
          metricKind: 'GAUGE',
          valueType: 'INT64',
          points: [{ interval: { endTime: '2026-11-21T12:00:00.000Z' }, value: { int64Value: '37' } }],
        },
      ],
    });
  });

  it('writes a count with its beginning and its label, in one request with the others', async () => {
    const refused = {
      ...NODE_METRICS.gate_refused_total,
      value: 3,
      labels: { reason: 'amf_depth' },
      sinceMs: AT - 9000,
    };
    await points()([{ ...NODE_METRICS.gate_open_connections, value: 2 }, refused], AT);
    expect(monitoring.asked).toHaveLength(1);
    expect(JSON.parse(monitoring.asked[0]?.body ?? '').timeSeries).toMatchObject([
      { metric: { type: 'custom.googleapis.com/srs_live/gate_open_connections', labels: {} }, metricKind: 'GAUGE' },
      {
        metric: { type: 'custom.googleapis.com/srs_live/gate_refused', labels: { reason: 'amf_depth' } },
        resource: { type: 'gce_instance', labels: { instance_id: '1234567890123456789' } },
        metricKind: 'CUMULATIVE',
        valueType: 'INT64',
        points: [
          {
            interval: { startTime: '2026-11-21T11:59:51.000Z', endTime: '2026-11-21T12:00:00.000Z' },
            value: { int64Value: '3' },
          },
        ],
      },
    ]);
  });

  it('asks the metadata server once for what stays, and for a token when it is about to end', async () => {
    const write = gauge();
    await write(1, now);
    now += 3_500_000;
    await write(2, now);
    expect(metadata.asked).toHaveLength(4);
    now += 60_000;
    await write(3, now);
    expect(metadata.asked.slice(4).map(({ url }) => url)).toEqual([
      '/computeMetadata/v1/instance/service-accounts/default/token',
    ]);
    expect(metadata.asked.every(({ headers }) => headers['metadata-flavor'] === 'Google')).toBe(true);
  });

  it.each([
    [429, 'RESOURCE_EXHAUSTED'],
    [500, 'INTERNAL'],
    [403, 'Permission monitoring.timeSeries.create denied'],
  ])('rejects with why Google refused: %i', async (status, message) => {
    refusal = { status, body: JSON.stringify({ error: { message } }) };
    await expect(gauge()(1, AT)).rejects.toThrow(`${status}: ${message}`);
    expect(monitoring.asked).toHaveLength(1);
  });

  it('rejects while the metadata server is away, and asks again', async () => {
    up = false;
    const write = gauge();
    await expect(write(1, AT)).rejects.toThrow('the metadata server answered 503 to the question for');
    expect(monitoring.asked).toEqual([]);
    up = true;
    await write(1, AT + 10_000);
    expect(monitoring.asked).toHaveLength(1);
  });
});
