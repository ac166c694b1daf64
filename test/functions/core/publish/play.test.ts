import { jsonLog } from '../../../../functions/adapters/log';
import { memoryGrantStore } from '../../../../functions/adapters/memory/grant-store';
import { memoryStreamStore } from '../../../../functions/adapters/memory/stream-store';
import { randomId } from '../../../../functions/adapters/system';
import { decideHook } from '../../../../functions/app/publish/hooks';
import type { Grant } from '../../../../functions/contract/grants';
import { OnPlay } from '../../../../functions/contract/hooks/srs';
import type { Stream } from '../../../../functions/contract/state';
import { mintToken } from '../../../../functions/core/signing/token';
import { manualClock } from '../../../support/manual-clock';
import { FOREIGN, KEYS, NEWEST, OLDER } from '../../../support/signing-keys';
import { STREAM_ID, streamOf } from '../../../support/streams';

const clock = manualClock();
const EXPIRES = Math.floor(clock.now() / 1000) + 60;
const CLAIMS = { streamId: STREAM_ID, grantId: 'grant00000000001', expires: EXPIRES };
const tokenOf = (more: object = {}, key = NEWEST): string => mintToken('play', { ...CLAIMS, ...more }, key);

const hookOf = (param: string) =>
  OnPlay.parse({
    action: 'on_play',
    server_id: 'node-1',
    service_id: 's',
    client_id: 'c',
    ip: '192.0.2.1',
    vhost: '__defaultVhost__',
    app: 'live',
    tcUrl: '',
    stream: STREAM_ID,
    param,
  });

const GRANT: Grant = {
  id: CLAIMS.grantId,
  streamId: STREAM_ID,
  subject: 'shop',
  createdAt: clock.now(),
  expiresAt: EXPIRES * 1000,
  endsAt: clock.now() + 3_600_000,
  lifetimeSeconds: 60,
  origins: [],
  renewals: 0,
};

interface Played {
  stream?: Partial<Stream>;
  keys?: typeof KEYS;
  /** `null`: there is none. */
  grant?: Partial<Grant> | null;
}

async function play(param: string, { stream = {}, keys = KEYS, grant = {} }: Played = {}) {
  const streamStore = memoryStreamStore();
  await streamStore.createStream(streamOf({ policy: 'gated', ...stream }));
  const lines: string[] = [];
  const log = jsonLog((line) => lines.push(line));
  const grants = memoryGrantStore();
  if (grant !== null) await grants.add({ ...GRANT, ...grant }, { max: 1, nowMs: 0 });
  const answer = await decideHook(hookOf(param), { streamStore, clock, randomId, log, rights: { keys, grants } });
  expect(`${lines.join()}${JSON.stringify(answer)}`).not.toContain('slp_');
  return answer;
}

describe('a viewer by RTMP, FLV or WHEP', () => {
  it.each([NEWEST, OLDER])('plays a gated stream with the play token of a grant ($name)', async (key) => {
    const played = { code: 0, play: { grantId: GRANT.id, until: GRANT.endsAt } };
    expect(await play(`?token=${tokenOf({}, key)}`)).toEqual(played);
    expect(await play(`app=live&stream=${STREAM_ID}&token=${tokenOf({}, key)}`)).toEqual(played);
  });

  it.each<[string, Partial<Grant> | null, string]>([
    ['was revoked', { revokedAt: clock.now() }, 'was revoked'],
    ['is gone', null, 'does not exist'],
    ['has had its sitting', { endsAt: clock.now() }, 'the viewing session'],
  ])('is refused with a token that is good still when its grant %s', async (_name, grant, why) => {
    const answer = await play(`?token=${tokenOf()}`, { grant });
    expect(answer).toEqual({ error: 'grant_ended', message: expect.stringContaining(why) });
  });

  it.each<[string, string, string]>([
    ['no token', '', 'it needs a play token'],
    ['a renewal token', `?token=${mintToken('renewal', CLAIMS, NEWEST)}`, 'it needs a play token'],
    ['a token of another stream', `?token=${tokenOf({ streamId: 'zzzzzzzzzzzzzzzz' })}`, 'belongs to another stream'],
    ['a token that has expired', `?token=${tokenOf({ expires: EXPIRES - 60 })}`, 'or has expired'],
    ['a forged token', `?token=${tokenOf({}, FOREIGN)}`, 'belongs to another stream'],
  ])('does not with %s', async (_name, param, why) => {
    expect(await play(param)).toEqual({ error: 'not_playable', message: expect.stringContaining(why) });
  });

  it('plays an open stream without, and nothing while it is suspended', async () => {
    expect(await play('', { stream: { policy: 'open' } })).toEqual({ code: 0 });
    expect(await play(`?token=${tokenOf()}`, { stream: { suspended: { at: 0 } } })).toMatchObject({
      error: 'suspended',
    });
  });

  it('plays no gated stream where there are no keys', async () => {
    expect(await play(`?token=${tokenOf()}`, { keys: [] })).toMatchObject({ error: 'not_playable' });
  });
});
