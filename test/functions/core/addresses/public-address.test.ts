import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { isAddress } from '../../../../functions/core/addresses/ip-address';
import { isLoopback, isPublicAddress } from '../../../../functions/core/addresses/public-address';

describe('addresses of the public internet', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '198.17.255.255',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:80e::200e',
    '2001:200::',
  ])('%s is one', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ['this network', '0.0.0.0'],
    ['private', '10.1.2.3'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['carrier-grade NAT', '100.127.255.255'],
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['the metadata server', '169.254.169.254'],
    ['link-local', '169.254.0.1'],
    ['protocol assignments', '192.0.0.1'],
    ['documentation', '192.0.2.1'],
    ['documentation', '203.0.113.9'],
    ['benchmarks', '198.19.0.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['IPv4-mapped metadata server', '::ffff:169.254.169.254'],
    ['IPv4-mapped loopback', '::ffff:7f00:1'],
    ['IPv4-mapped public', '::ffff:8.8.8.8'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['local NAT64', '64:ff9b:1::1'],
    ['discard', '100::1'],
    ['Teredo', '2001:0:53aa:64c::1'],
    ['ORCHID', '2001:20::1'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['6to4 of a private address', '2002:0a00:0001::1'],
    ['unique local', 'fc00::1'],
    ['unique local (Google metadata)', 'fd20:ce::254'],
    ['link-local', 'fe80::1'],
    ['link-local with its zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['not given out', '4000::1'],
    ['no address', 'example.com'],
    ['no address', '1.2.3'],
    ['octal', '0177.0.0.1'],
    ['too large', '1.2.3.256'],
    ['nothing', ''],
    ['two gaps', '1::2::3'],
    ['too many groups', '1:2:3:4:5:6:7:8:9'],
  ])('%s, %s, is none', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it('knows loopback', () => {
    expect(['127.0.0.1', '127.1.2.3', '::1'].map(isLoopback)).toEqual([true, true, true]);
    expect(['128.0.0.1', '::2', '::ffff:127.0.0.1', 'localhost'].map(isLoopback)).toEqual([false, false, false, false]);
  });

  it('reads every address Node reads, and no other text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        expect(isAddress(text)).toBe(isIP(text) !== 0 && !text.includes('%'));
      }),
    );
  });

  it('finds the same IPv4 addresses private as a list of networks does', () => {
    const networks = new BlockList();
    const special: [string, number][] = [
      ['10.0.0.0', 8],
      ['172.16.0.0', 12],
      ['192.168.0.0', 16],
      ['169.254.0.0', 16],
      ['127.0.0.0', 8],
      ['100.64.0.0', 10],
    ];
    for (const [network, bits] of special) networks.addSubnet(network, bits);
    fc.assert(fc.property(fc.ipV4(), (address) => !(networks.check(address) && isPublicAddress(address))));
  });
});
