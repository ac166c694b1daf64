import { isSrtSafe } from '../../../functions/contract/hooks/media-server';

describe('the version of an SRS', () => {
  it.each(['6.0.192', '6.0.200', '6.1.0', '7.0.160', '8.0.29', '9.0.0'])('%s may take SRT', (version) => {
    expect(isSrtSafe(version)).toBe(true);
  });

  it.each(['5.0.216', '5.0.999', '6.0.157', '6.0.191', '7.0.159', '8.0.28', '4.0.0'])(
    '%s may not take SRT',
    (version) => {
      expect(isSrtSafe(version)).toBe(false);
    },
  );
});
