import { hlsPublisherConfig } from '../../../functions/hls-publisher/config';

const env = {
  INGEST_BUCKET: 'ingest',
  OPEN_BUCKET: 'open',
  GATED_BUCKET: 'gated',
  PROJECT_ID: 'p',
  RUNAWAY_TOPIC: 'runaway',
};

describe('the environment of hls-publisher', () => {
  it('is taken as it is when it is right', () => {
    expect(hlsPublisherConfig({ ...env, PATH: '/bin' })).toEqual({
      ...env,
      RUNAWAY_EVENTS_PER_MINUTE: 300,
      STANDBY_SECONDS: 0,
    });
  });

  it.each(['OPEN_BUCKET', 'GATED_BUCKET'])('is refused when %s is the bucket whose events call the function', (key) => {
    expect(() => hlsPublisherConfig({ ...env, [key]: 'ingest' })).toThrow(`got 'ingest', must not be INGEST_BUCKET`);
    expect(() => hlsPublisherConfig({ ...env, [key]: 'ingest' })).toThrow(key);
  });

  it('is refused with every missing variable named', () => {
    expect(() => hlsPublisherConfig({})).toThrow(/INGEST_BUCKET.*OPEN_BUCKET.*GATED_BUCKET/s);
  });
});
