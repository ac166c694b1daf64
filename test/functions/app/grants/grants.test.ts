import { memoryGrantStore } from '../../../../functions/adapters/memory/grant-store';
import { randomId } from '../../../../functions/adapters/system';
import { createGrant, type GrantDeps, renewGrant, revokeGrant } from '../../../../functions/app/grants/grants';
import { CreateGrant, Grant } from '../../../../functions/contract/grants';
import { grantAnswer } from '../../../../functions/core/grants/grant-answer';
import { manualClock } from '../../../support/manual-clock';
import { KEYS } from '../../../support/signing-keys';
import { STREAM_ID } from '../../../support/streams';

const STREAM = { id: STREAM_ID, policy: 'gated' } as const;
const LIMITS = { lifetimeSeconds: 120, grantsPerStream: 2 };

let clock: ReturnType<typeof manualClock>;
let deps: GrantDeps;

beforeEach(() => {
  clock = manualClock();
  const signer = { cdnKeys: KEYS, tokenKeys: KEYS, publicOrigin: 'https://live.example.com', senderSecret: 's' };
  deps = { grants: memoryGrantStore(), signer, clock, randomId };
});

const create = (): Promise<Grant> =>
  createGrant({ stream: STREAM, wanted: CreateGrant.parse({}), subject: 's', origin: undefined, limits: LIMITS }, deps);
const renew = (grant: Grant, more: object = {}): Promise<Grant> => {
  const { renewalToken: token } = grantAnswer(grant, deps.signer, { nowMs: clock.now(), stream: STREAM });
  return renewGrant({ stream: STREAM, grantId: grant.id, token, origin: undefined, limits: LIMITS, ...more }, deps);
};
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('grants of a stream', () => {
  it('are kept, renewed by their own token, and revoked', async () => {
    const grant = await create();
    expect(Grant.parse(await deps.grants.get(STREAM_ID, grant.id))).toEqual(grant);
    await clock.advance(30_000);
    const renewed = await renew(grant);
    expect(renewed).toMatchObject({ expiresAt: clock.now() + 60_000, renewals: 1 });
    expect(await deps.grants.get(STREAM_ID, grant.id)).toEqual(renewed);
    await revokeGrant({ stream: STREAM, grantId: grant.id }, deps);
    await revokeGrant({ stream: STREAM, grantId: grant.id }, deps);
    await expect(renew(grant)).rejects.toEqual(code('grant_ended'));
  });

  it('are as many at a time as the limit says', async () => {
    await create();
    await clock.advance(10_000);
    await create();
    await expect(create()).rejects.toEqual(code('grant_limit'));
    await clock.advance(50_000);
    await expect(create()).resolves.toMatchObject({ streamId: STREAM_ID });
  });

  it('are not renewed by anything but their own renewal token', async () => {
    const one = await create();
    const two = await create();
    const { renewalToken } = grantAnswer(two, deps.signer, { nowMs: clock.now(), stream: STREAM });
    const { playToken } = grantAnswer(one, deps.signer, { nowMs: clock.now(), stream: STREAM });
    for (const token of [renewalToken, playToken, '', 'x'])
      await expect(renew(one, { token })).rejects.toEqual(code('unauthenticated'));
    await expect(renew(one, { stream: { ...STREAM, id: 'zzzzzzzzzzzzzzzz' } })).rejects.toEqual(
      code('unauthenticated'),
    );
  });

  it('that are not there cannot be revoked', async () => {
    await expect(revokeGrant({ stream: STREAM, grantId: 'grant00000000009' }, deps)).rejects.toEqual(
      code('grant_not_found'),
    );
  });
});
