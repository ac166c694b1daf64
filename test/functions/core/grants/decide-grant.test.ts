import fc from 'fast-check';
import { CreateGrant, Grant } from '../../../../functions/contract/grants';
import { MAX_GRANT_SECONDS } from '../../../../functions/contract/limits';
import {
  assertUsable,
  decideGrant,
  decideRenewal,
  type GatedStream,
  renewAfterSeconds,
  revoked,
} from '../../../../functions/core/grants/decide-grant';
import { STREAM_ID } from '../../../support/streams';

const NOW = 1_800_000_000_000;
const GATED: GatedStream = { id: STREAM_ID, policy: 'gated' };
const LIMITS = { lifetimeSeconds: MAX_GRANT_SECONDS };
const PAGE = 'https://player.example';

const grant = (wanted: object = {}, stream: GatedStream = GATED, more: object = {}): Grant =>
  decideGrant(stream, CreateGrant.parse(wanted), {
    id: 'grant00000000001',
    subject: 'customer-1',
    nowMs: NOW,
    origin: undefined,
    limits: LIMITS,
    ...more,
  });
const renew = (from: Grant | undefined, afterMs: number, more: object = {}, stream: GatedStream = GATED): Grant =>
  decideRenewal(stream, from, { nowMs: NOW + afterMs, origin: undefined, limits: LIMITS, ...more });
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('a grant', () => {
  it('is short, and its sitting is not', () => {
    expect(Grant.parse(grant())).toEqual({
      id: 'grant00000000001',
      streamId: STREAM_ID,
      subject: 'customer-1',
      createdAt: NOW,
      expiresAt: NOW + 60_000,
      endsAt: NOW + 14_400_000,
      lifetimeSeconds: 60,
      origins: [],
      renewals: 0,
    });
  });

  it.each([
    { lifetimeSeconds: 121 },
    { lifetimeSeconds: 9 },
    { viewingSessionSeconds: 59 },
    { viewingSessionSeconds: 43_201 },
    { origins: [] },
  ])('cannot be asked for with %j', (wanted) => expect(CreateGrant.safeParse(wanted).success).toBe(false));

  it.each(['https://a.example/', 'https://A.example', 'a.example', '*', 'ftp://a.example', 'https://a b'])(
    'takes no page %j for an origin',
    (origin) => expect(CreateGrant.safeParse({ origins: [origin] }).success).toBe(false),
  );

  it('is as short as the budget wants it, but never useless', () => {
    expect(grant({ lifetimeSeconds: 120 }, GATED, { limits: { lifetimeSeconds: 30 } }).expiresAt).toBe(NOW + 30_000);
    expect(grant({}, GATED, { limits: { lifetimeSeconds: 0 } }).expiresAt).toBe(NOW + 10_000);
  });

  it.each<[string, GatedStream, string]>([
    ['open', { ...GATED, policy: 'open' }, 'stream_not_gated'],
    ['suspended', { ...GATED, suspended: { at: 0 } }, 'stream_suspended'],
  ])('of a stream that is %s is refused, so is its renewal', (_name, stream, expected) => {
    expect(() => grant({}, stream)).toThrow(code(expected));
    expect(() => renew(grant(), 1000, {}, stream)).toThrow(code(expected));
  });
});

describe('the pages of a grant', () => {
  const bound: GatedStream = { ...GATED, allowedOrigins: [PAGE, 'https://other.example'] };

  it('are those of the stream, or fewer', () => {
    expect(grant({}, bound).origins).toEqual(bound.allowedOrigins);
    expect(grant({ origins: [PAGE] }, bound).origins).toEqual([PAGE]);
    expect(() => grant({ origins: [PAGE, 'https://evil.example'] }, bound)).toThrow(
      "origin 'https://evil.example': the allowed ones are https://player.example, https://other.example",
    );
    expect(grant({ origins: ['https://any.example'] }).origins).toEqual(['https://any.example']);
  });

  it('are held to when it is granted and when it is renewed', () => {
    expect(() => grant({}, bound, { origin: 'https://evil.example' })).toThrow(code('origin_not_allowed'));
    expect(() => grant({ origins: [PAGE] }, bound, { origin: 'https://other.example' })).toThrow(
      code('origin_not_allowed'),
    );
    const mine = grant({ origins: [PAGE] }, bound, { origin: PAGE });
    expect(renew(mine, 1000, { origin: PAGE }).renewals).toBe(1);
    expect(() => renew(mine, 1000, { origin: 'https://other.example' })).toThrow(code('origin_not_allowed'));
    expect(() => renew(mine, 1000, { origin: 'null' })).toThrow(code('origin_not_allowed'));
  });

  it('are bound when it is granted: what the stream allows later changes nothing', () => {
    const mine = grant({}, bound);
    expect(renew(mine, 1000, { origin: PAGE }, { ...bound, allowedOrigins: ['https://new.example'] }).origins).toEqual(
      bound.allowedOrigins,
    );
  });

  it('do not concern a player that is no browser', () => {
    expect(renew(grant({}, bound), 1000).renewals).toBe(1);
  });
});

describe('a renewal', () => {
  it('counts a lifetime from now', () => {
    const once = renew(grant(), 30_000);
    expect(once).toEqual({ ...grant(), expiresAt: NOW + 90_000, renewals: 1 });
    expect(renew(once, 60_000)).toMatchObject({ expiresAt: NOW + 120_000, renewals: 2 });
  });

  it('never goes beyond the sitting', () => {
    const short = grant({ viewingSessionSeconds: 60, lifetimeSeconds: 50 });
    expect(renew(short, 40_000).expiresAt).toBe(NOW + 60_000);
    expect(() => renew({ ...short, expiresAt: NOW + 60_000 }, 60_000)).toThrow('the viewing session is over');
  });

  it('never shortens what was granted, also when the budget has become tight', () => {
    expect(renew(grant(), 1000, { limits: { lifetimeSeconds: 10 } }).expiresAt).toBe(NOW + 60_000);
  });

  it('is refused once it expired, was revoked, or never was', () => {
    expect(() => renew(grant(), 60_000)).toThrow('the grant has expired');
    expect(() => renew(revoked(grant(), NOW), 1000)).toThrow('the grant was revoked');
    expect(() => renew(undefined, 0)).toThrow(code('grant_not_found'));
  });

  it('is due when half of the grant is gone', () => {
    expect([renewAfterSeconds(grant(), NOW), renewAfterSeconds(grant(), NOW + 61_000)]).toEqual([30, 0]);
  });

  it('keeps every grant short, within its sitting, and never takes anything back', () => {
    const wanted = fc.record({
      lifetimeSeconds: fc.integer({ min: 10, max: 120 }),
      viewingSessionSeconds: fc.integer({ min: 60, max: 600 }),
    });
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 0, max: 120 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(wanted, steps, (body, waits) => {
        let at = 0;
        let current = grant(body);
        for (const [waitMs, lifetimeSeconds] of waits) {
          at += waitMs;
          const before = current;
          try {
            current = renew(before, at, { limits: { lifetimeSeconds } });
          } catch {
            expect(() => assertUsable(before, NOW + at)).toThrow(code('grant_ended'));
            return;
          }
          expect(current.expiresAt).toBeGreaterThanOrEqual(before.expiresAt);
          expect(current.expiresAt).toBeLessThanOrEqual(current.endsAt);
          expect(current.expiresAt - (NOW + at)).toBeLessThanOrEqual(MAX_GRANT_SECONDS * 1000);
        }
      }),
    );
  });

  it('revokes once', () => {
    const gone = revoked(grant(), 5);
    expect(revoked(gone, 9)).toBe(gone);
  });
});
