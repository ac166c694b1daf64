import { mayConnect, receiverProblem } from '../../../../functions/core/webhooks/receiver-url';

const CLOUD = { loopback: false };
const LOCAL = { loopback: true };

describe('the URL of a webhook', () => {
  it.each([
    'https://example.com/hook',
    'https://example.com:8443/',
    'https://a.b.example.co.uk/x?y=z',
    'https://8.8.8.8/',
  ])('may lead to %s', (url) => {
    expect(receiverProblem(url, CLOUD)).toBeUndefined();
  });

  it.each([
    ['http://example.com/', 'use https'],
    ['ftp://example.com/', 'use https'],
    ['file:///etc/passwd', 'use https'],
    ['gopher://example.com/', 'use https'],
    ['nothing', 'use a URL'],
    ['https://', 'use a URL'],
    ['https://user:pw@example.com/', 'must not contain a user or password'],
    ['https://example.com:22/', 'port 22'],
    ['https://example.com:80/', 'port 80'],
    ['https://localhost/', 'full domain name'],
    ['https://metadata/', 'full domain name'],
    ['https://metadata.google.internal/', 'public internet'],
    ['https://printer.local./', 'public internet'],
    ['https://x.localhost/', 'public internet'],
    ['https://127.0.0.1/', 'public address'],
    ['https://127.1/', 'public address'],
    ['https://2130706433/', 'public address'],
    ['https://0x7f.0.0.1/', 'public address'],
    ['https://017700000001/', 'public address'],
    ['https://169.254.169.254/computeMetadata/v1/', 'public address'],
    ['https://[::1]/', 'public address'],
    ['https://[::ffff:169.254.169.254]/', 'public address'],
    ['https://[fd20:ce::254]/', 'public address'],
    ['https://10.0.0.1:8443/', 'public address'],
    ['https://１２７.0.0.1/', 'public address'],
  ])('never to %s', (url, why) => {
    expect(receiverProblem(url, CLOUD)).toContain(why);
  });

  it.each(['http://127.0.0.1:9000/hook', 'http://localhost:9000/', 'https://127.0.0.1/', 'http://[::1]:9000/'])(
    'may lead to %s where the platform is one machine',
    (url) => {
      expect(receiverProblem(url, LOCAL)).toBeUndefined();
    },
  );

  it.each(['http://example.com/', 'https://10.0.0.1/', 'http://169.254.169.254/', 'https://metadata.google.internal/'])(
    'may not lead to %s even there',
    (url) => {
      expect(receiverProblem(url, LOCAL)).toBeDefined();
    },
  );

  it('connects to public addresses, and to loopback where the platform is one machine', () => {
    expect(['8.8.8.8', '127.0.0.1', '10.0.0.1'].map((address) => mayConnect(address, CLOUD))).toEqual([
      true,
      false,
      false,
    ]);
    expect(['8.8.8.8', '127.0.0.1', '10.0.0.1'].map((address) => mayConnect(address, LOCAL))).toEqual([
      true,
      true,
      false,
    ]);
  });
});
