import { jsonLog } from '../../../../functions/adapters/log';
import { memoryRegistry } from '../../../../functions/adapters/memory/registry';
import { randomId } from '../../../../functions/adapters/system';
import { OnPlay } from '../../../../functions/contract/srs-hooks';
import type { Stream } from '../../../../functions/contract/state';
import { decideHook } from '../../../../functions/core/publish/hooks';
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

async function play(param: string, { stream = {}, keys = KEYS }: { stream?: Partial<Stream>; keys?: typeof KEYS } = {}) {
  const registry = memoryRegistry();
  await registry.createStream(streamOf({ policy: 'gated', ...stream }));
  const lines: string[] = [];
  const log = jsonLog((line) => lines.push(line));
  const answer = await decideHook(hookOf(param), { registry, clock, randomId, log, tokenKeys: keys });
  expect(`${lines.join()}${JSON.stringify(answer)}`).not.toContain('slp_');
  return answer;
}

describe('a viewer by RTMP, FLV or WHEP', () => {
  it.each([NEWEST, OLDER])('plays a gated stream with the play token of a grant ($name)', async (key) => {
    expect(await play(`?token=${tokenOf({}, key)}`)).toEqual({ code: 0 });
    expect(await play(`app=live&stream=${STREAM_ID}&token=${tokenOf({}, key)}`)).toEqual({ code: 0 });
  });

  it.each<[string, string, string]>([
    ['no token', '', 'it takes a play token'],
    ['a renewal token', `?token=${mintToken('renewal', CLAIMS, NEWEST)}`, 'it takes a play token'],
    ['a token of another stream', `?token=${tokenOf({ streamId: 'zzzzzzzzzzzzzzzz' })}`, 'not of this stream'],
    ['a token that has expired', `?token=${tokenOf({ expires: EXPIRES - 60 })}`, 'or has expired'],
    ['a forged token', `?token=${tokenOf({}, FOREIGN)}`, 'not of this stream'],
  ])('does not with %s', async (_name, param, why) => {
    expect(await play(param)).toEqual({ error: 'not_playable', message: expect.stringContaining(why) });
  });

  it('plays an open stream without, and nothing while it is suspended', async () => {
    expect(await play('', { stream: { policy: 'open' } })).toEqual({ code: 0 });
    expect(await play(`?token=${tokenOf()}`, { stream: { suspended: { at: 0 } } })).toMatchObject({ error: 'suspended' });
  });

  it('plays no gated stream where there are no keys', async () => {
    expect(await play(`?token=${tokenOf()}`, { keys: [] })).toMatchObject({ error: 'not_playable' });
  });
});
