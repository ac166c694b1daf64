import { CreateApiKey, Permission, ROLE_PERMISSIONS, Role } from '../../../../functions/contract/identity';
import {
  assertPermitted,
  OPERATOR,
  ownerOf,
  principalOfClaims,
  principalOfKey,
  withinReach,
} from '../../../../functions/core/identity/principal';
import { apiKeyOf } from '../../../suites/api-key-store';
import { STREAM_ID, streamOf } from '../../../support/streams';

const publisher = principalOfKey(apiKeyOf(1));
const viewer = principalOfClaims({ sub: 'viewer-1', role: 'viewer', streams: [STREAM_ID] });
const OTHER = 'zzzzzzzzzzzzzzzz';

describe('permissions', () => {
  it.each(Role.options.flatMap((role) => Permission.options.map((permission) => [role, permission] as const)))(
    'of %s: %s is granted, or refused by name',
    (role, permission) => {
      const principal = principalOfClaims({ sub: 'x', role });
      const ask = () => assertPermitted(principal, permission);
      if (ROLE_PERMISSIONS[role].includes(permission)) expect(ask).not.toThrow();
      else expect(ask).toThrow(`this needs the permission '${permission}': the role '${role}' does not have it`);
    },
  );

  it('are narrowed by the scopes of a key, never widened', () => {
    const narrow = principalOfKey(apiKeyOf(1, { scopes: ['streams.read', 'nodes.drain'] }));
    expect([...narrow.permissions]).toEqual(['streams.read']);
    expect(() => assertPermitted(narrow, 'streams.write')).toThrow(
      "this needs the permission 'streams.write': the key's scopes do not include it",
    );
    expect(() => assertPermitted(narrow, 'nodes.drain')).toThrow("the role 'publisher' does not have it");
  });

  it('are all with the operator', () => {
    for (const permission of Permission.options) expect(() => assertPermitted(OPERATOR, permission)).not.toThrow();
  });
});

describe('reach', () => {
  it.each([
    ['the operator', OPERATOR, [true, true, true]],
    ['a publisher', publisher, [true, false, false]],
    ['a viewer of it', viewer, [true, true, true]],
    ['a viewer of others', principalOfClaims({ sub: 'v', role: 'viewer', streams: [OTHER] }), [false, false, false]],
    ['a viewer of none', principalOfClaims({ sub: 'v', role: 'viewer' }), [false, false, false]],
  ] as const)("of %s: the customer's stream, another customer's, the operator's", (_name, principal, expected) => {
    const streams = [streamOf({ owner: 'customer-1' }), streamOf({ owner: 'customer-2' }), streamOf()];
    expect(streams.map((stream) => withinReach(principal, stream) !== undefined)).toEqual(expected);
  });

  it('answers for a stream out of reach as for none', () => {
    expect(withinReach(publisher, streamOf())).toBe(withinReach(publisher, undefined));
  });

  it('says whose a new stream is: of nobody for the operator', () => {
    expect([ownerOf(OPERATOR), ownerOf(publisher), ownerOf(viewer)]).toEqual([undefined, 'customer-1', 'viewer-1']);
  });
});

describe('claims of a token', () => {
  it.each<[string, unknown, string]>([
    ['no role', { sub: 'a' }, "'role'"],
    ['a role nobody has', { sub: 'a', role: 'root' }, "'role'"],
    ['no subject', { role: 'admin' }, "'sub'"],
    ['a subject with a space', { sub: 'a b', role: 'admin' }, "'sub'"],
    ['streams that are none', { sub: 'a', role: 'viewer', streams: ['*'] }, "'streams.0'"],
  ])('with %s are refused, naming the claim', (_name, claims, claim) => {
    expect(() => principalOfClaims(claims)).toThrow(`the token's claim ${claim}`);
  });

  it('may hold anything else', () => {
    expect(principalOfClaims({ sub: 'a', role: 'admin', email: 'x', iss: 1 })).toMatchObject({
      kind: 'token',
      role: 'admin',
    });
  });
});

describe('a new API key', () => {
  it.each<[string, unknown, string]>([
    ['a viewer without streams', { name: 'a', role: 'viewer', subject: 's' }, 'streams are required for a viewer'],
    [
      'a publisher with streams',
      { name: 'a', role: 'publisher', subject: 's', streams: [STREAM_ID] },
      'not allowed for other roles',
    ],
    [
      'a scope its role lacks',
      { name: 'a', role: 'publisher', subject: 's', scopes: ['nodes.drain'] },
      'permissions of the role',
    ],
    ['a field nobody knows', { name: 'a', role: 'admin', subject: 's', admin: true }, 'Unrecognized key'],
  ])('is refused: %s', (_name, body, why) => {
    expect(CreateApiKey.safeParse(body).error?.message).toContain(why);
  });
});
