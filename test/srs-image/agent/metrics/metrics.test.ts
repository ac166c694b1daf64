import { Histogram } from '../../../../srs-image/agent/metrics/histogram';
import { API, Rig } from '../rig';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.dispose());

const metrics = async (): Promise<Record<string, number>> => {
  const { body } = await rig.get('/metrics', API);
  const lines = typeof body === 'string' ? body.split('\n').filter((line) => line !== '' && !line.startsWith('#')) : [];
  return Object.fromEntries(lines.map((line) => [line.replace(/ [^ ]+$/, ''), Number(line.replace(/^.* /, ''))]));
};

describe('/metrics on the public listener', () => {
  it('asks for an ID token', async () => {
    expect(await rig.get('/metrics')).toMatchObject({ status: 401, body: { error: 'unauthenticated' } });
  });

  it('refuses a token that does not hold', async () => {
    expect(await rig.get('/metrics', 'forged')).toMatchObject({ status: 401 });
  });

  it("refuses another account's token", async () => {
    expect(await rig.get('/metrics', 'viewer@project.iam.gserviceaccount.com')).toMatchObject({
      status: 403,
      body: { error: 'forbidden' },
    });
  });

  it('tells of sessions, uploads, hooks and SRS', async () => {
    await rig.publish();
    await rig.segment();
    await rig.run(500);
    expect(await metrics()).toMatchObject({
      srs_agent_srs_up: 1,
      srs_agent_draining: 0,
      srs_agent_sessions: 1,
      srs_agent_spool_bytes: 0,
      srs_agent_uploaded_segments_total: 1,
      srs_agent_lost_segments_total: 0,
      'srs_agent_upload_lag_seconds_bucket{le="0.1"}': 1,
      srs_agent_upload_lag_seconds_count: 1,
      'srs_agent_hook_seconds_count{action="on_publish"}': 1,
      'srs_agent_hook_seconds_count{action="on_hls"}': 1,
    });
  });

  it('counts segments that were never uploaded', async () => {
    await rig.publish();
    await rig.run(2000);
    const segment = rig.srs.segment();
    rig.srs.remove(segment);
    await rig.onHls(segment);
    expect(await metrics()).toMatchObject({ srs_agent_lost_segments_total: 1 });
  });

  it('ends with what the gate counts, and says whether it answers', async () => {
    let answers = true;
    const counted = '# TYPE gate_refused_total counter\ngate_refused_total{reason="amf_depth"} 3\n';
    const gate = {
      clientOf: async () => undefined,
      metrics: async () => {
        if (!answers) throw new Error('connect ECONNREFUSED');
        return counted;
      },
    };
    rig.dispose();
    rig = new Rig({ gate });
    expect(await metrics()).toMatchObject({ srs_agent_gate_up: 1, 'gate_refused_total{reason="amf_depth"}': 3 });
    answers = false;
    expect(await metrics()).toMatchObject({ srs_agent_gate_up: 0, srs_agent_sessions: 0 });
  });

  it('says that SRS is down', async () => {
    await rig.run(1500);
    rig.srs.up = false;
    await rig.run(2000);
    expect(await metrics()).toMatchObject({ srs_agent_srs_up: 0 });
  });

  it('names no stream', async () => {
    await rig.publish();
    await rig.segment();
    expect(JSON.stringify(await rig.get('/metrics', API))).not.toContain('abcdefghij012345');
  });
});

describe('a histogram', () => {
  it('counts each value in every bucket it fits in', () => {
    const histogram = new Histogram([0.5, 1]);
    for (const seconds of [0.5, 0.7, 3]) histogram.observe(seconds);
    expect(histogram.lines('x', 'a="b"')).toEqual([
      'x_bucket{a="b",le="0.5"} 1',
      'x_bucket{a="b",le="1"} 2',
      'x_bucket{a="b",le="+Inf"} 3',
      'x_sum{a="b"} 4.2',
      'x_count{a="b"} 3',
    ]);
  });
});
