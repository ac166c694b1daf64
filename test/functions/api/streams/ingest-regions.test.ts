import { apiRig } from '../../../support/api-rig';
import { nodeOf, publishedStream, STREAM_ID } from '../../../support/streams';

const ingests = [
  { region: 'europe-west4', server: 'rtmp://ingest-b.example.com/live' },
  { region: 'europe-west1', server: 'rtmp://ingest-a.example.com/live' },
];
const body = { title: 'a stream' };

describe('the API of an environment with two regions', () => {
  it('tells the ingest of each: the nearest as primary, the other as backup', async () => {
    const made = await (await apiRig({ ingests }).ask('POST', '/streams', { body })).json();
    expect(made.ingest.regions).toEqual([
      { region: 'europe-west4', role: 'primary', rtmp: { server: 'rtmp://ingest-b.example.com/live' } },
      { region: 'europe-west1', role: 'backup', rtmp: { server: 'rtmp://ingest-a.example.com/live' } },
    ]);
    expect(made.ingest.rtmp.server).toBe('rtmp://ingest.example.com/live');
    expect(JSON.stringify(made.ingest.regions)).not.toContain(made.key);
  });

  it('tells nothing of it where there is one', async () => {
    const made = await (await apiRig().ask('POST', '/streams', { body })).json();
    expect(Object.keys(made.ingest)).not.toContain('regions');
  });

  it('gives the SRT address of a node nearby, and names the region of a session', async () => {
    const rig = apiRig({ ingests });
    const srt = (host: string) => ({ agentUrl: `http://${host}:8086`, srt: { host, port: 10_080 } });
    const heartbeatAt = rig.deps.clock.now();
    const nodes = [
      nodeOf({ id: 'home', region: 'europe-west1', heartbeatAt, reach: srt('192.0.2.1') }),
      nodeOf({ id: 'near', region: 'europe-west4', heartbeatAt, reach: srt('192.0.2.4') }),
    ];
    for (const node of nodes) await rig.deps.streamStore.changeNode(node.id, () => ({ node, result: undefined }));
    const stream = publishedStream({ nodeId: 'home', startedAt: heartbeatAt });
    await rig.deps.streamStore.createStream(stream);
    const shown = await (await rig.ask('GET', `/streams/${STREAM_ID}`)).json();
    expect(shown.ingest.srt).toEqual({ server: 'srt://192.0.2.4:10080' });
    expect(shown.session.region).toBe('europe-west1');
  });
});
