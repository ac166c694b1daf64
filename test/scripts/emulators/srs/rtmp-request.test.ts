import { parseConnect, parseRequest } from '../../../../scripts/emulators/srs/rtmp-request';

const connect = (app: string) =>
  parseConnect({ cmd: 'connect', cmdObj: { app, tcUrl: `rtmp://127.0.0.1:1935/${app}` } });

describe('the request of an encoder', () => {
  // As captured from SRS 6.0.157.
  it.each([
    [
      'live',
      'q1?token=a%2Fb+c==&exp=1700000000',
      { app: 'live', stream: 'q1', param: '?token=a%2Fb+c==&exp=1700000000' },
    ],
    ['live', 'q1', { app: 'live', stream: 'q1', param: '' }],
    ['live?token=inapp', 'q2', { app: 'live', stream: 'q2', param: '?token=inapp?token=inapp' }],
    ['../../../../spool/esc', 'evil', { app: '../../../../spool/esc', stream: 'evil', param: '' }],
    ['live', '../../../../../spool/evil2', { app: 'live/../../../../../spool', stream: 'evil2', param: '' }],
    ['live/tenant1', 'q4?token=abc', { app: 'live/tenant1', stream: 'q4', param: '?token=abc' }],
  ])('reads app %j and stream %j as SRS does', (app, streamName, expected) => {
    expect(parseRequest('publish', connect(app), { cmd: 'publish', streamName })).toMatchObject(expected);
  });

  it.each([undefined, '', '?key=x', 7])('refuses the stream name %j', (streamName) => {
    expect(() => parseRequest('publish', connect('live'), { cmd: 'publish', streamName })).toThrow();
  });

  it.each([undefined, null, {}, { cmdObj: {} }, { cmdObj: { app: 'live' } }, { cmdObj: { app: 1, tcUrl: 2 } }])(
    'refuses the connect %j',
    (message) => {
      expect(() => parseConnect(message)).toThrow();
    },
  );
});
