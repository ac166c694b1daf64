import fc from 'fast-check';
import { isAddressIn } from '../../../../functions/core/addresses/ip-address';

describe('isAddressIn', () => {
  it.each([
    ['10.1.2.3', '10.0.0.0/8'],
    ['10.1.2.3', '0.0.0.0/0'],
    ['10.1.2.3', '10.1.2.3/32'],
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.0/24'],
    ['::ffff:a01:203', '10.1.2.0/24'],
    ['2001:DB8::5', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80::/10'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['::10.1.2.3', '::a01:203'],
    ['10.1.2.3', '::/0'],
  ])('%s is in %s', (address, block) => {
    expect(isAddressIn(address, ['192.0.2.1', block])).toBe(true);
  });

  it.each([
    ['11.0.0.0', '10.0.0.0/8'],
    ['10.1.2.4', '10.1.2.3/32'],
    ['2001:db9::1', '2001:db8::/32'],
    ['2001:db8::1', '0.0.0.0/0'],
    ['10.1.2.3', '10.1.2.0/33'],
    ['10.1.2.3', 'nonsense'],
    ['10.1.2.3', ''],
    ['', '0.0.0.0/0'],
    ['10.1.2', '0.0.0.0/0'],
    ['010.1.2.3', '0.0.0.0/0'],
    ['256.1.2.3', '0.0.0.0/0'],
    ['1:2:3:4:5:6:7', '::/0'],
    ['1::2::3', '::/0'],
    ['1:2:3:4:5:6:7:8:9', '::/0'],
    ['12345::', '::/0'],
    ['::10.1.2.3', '10.0.0.0/8'],
  ])('%j is not in %j', (address, block) => {
    expect(isAddressIn(address, [block])).toBe(false);
  });

  it('finds an address in the block of any length it begins with, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128), (address, length) => {
        const prefix = address.includes(':') ? length : length % 33;
        expect(isAddressIn(address, [`${address}/${prefix}`])).toBe(true);
      }),
    );
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => expect([true, false]).toContain(isAddressIn(a, [b]))));
  });
});
