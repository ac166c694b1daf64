import { logFilter } from './log-filter';

const entry = {
  resource: { type: 'gce_instance', labels: { zone: 'a' } },
  jsonPayload: { event: 'x', message: 'One "y"' },
};

describe('a log filter', () => {
  it.each([
    ['resource.type="gce_instance"', true],
    ['resource.type="cloud_run_revision"', false],
    ['resource.labels.zone="A" AND jsonPayload.event="x"', true],
    ['resource.labels.zone="b" OR jsonPayload.event="x"', true],
    ['resource.type="gce_instance" AND (jsonPayload.event="z" OR jsonPayload.message:"\\"Y\\"")', true],
    ['jsonPayload.message=~"^one"', false],
    ['jsonPayload.message=~"^One"', true],
    ['jsonPayload.nothing:"x"', false],
  ])('%s picks an entry: %s', (filter, picked) => {
    expect(logFilter(filter)(entry)).toBe(picked);
  });

  it.each(['resource.type="a" resource.type="b"', 'a="1" AND b="2" OR c="3"', '(a="1"', 'a>"1"', 'a=1', ''])(
    '%p is refused',
    (filter) => {
      expect(() => logFilter(filter)).toThrow();
    },
  );
});
