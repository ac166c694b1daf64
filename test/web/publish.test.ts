import { linksOf } from '../../functions/core/webrtc/ice-servers';
import { whyNoCapture } from '../../web/publish/words';
import { forgetKey, handedOver, handOver, parseStreamKey } from '../../web/publish-key';
import { iceServersOf } from '../../web/sdk/ice-servers';
import { OfferRefusal } from '../../web/sdk/offer';

const ID = 'abcdefgh01234567';
const KEY = `sk_${'a2'.repeat(16)}`;

describe('a stream key as OBS has it', () => {
  it('says who publishes', () => {
    expect(parseStreamKey(`  ${ID}?key=${KEY}\n`)).toEqual({ streamId: ID, key: KEY });
  });

  it.each([
    ['a whole RTMP address', `rtmp://127.0.0.1:18081/live/${ID}?key=${KEY}`],
    ['a whole RTMPS address', `rtmps://rtmps.live.example.com/live/${ID}?key=${KEY}`],
    ['an address between the quotes of a command', `'rtmp://ingest.example.com/live/${ID}?key=${KEY}'`],
    ['blanks and line ends in the middle', ` ${ID}?key=\r\n  ${KEY.slice(0, 20)}\n ${KEY.slice(20)}\t\u200b`],
    ['the application before it', `live/${ID}?key=${KEY}`],
  ])('is understood as %s', (_name, text) => {
    expect(parseStreamKey(text)).toEqual({ streamId: ID, key: KEY });
  });

  it.each([
    '',
    KEY,
    `https://x.example/live/${ID}?key=${KEY}`,
    `rtmp://x.example/other/${ID}?key=${KEY}`,
    `${ID}?token=${KEY}`,
    `${ID}?key=`,
    `${ID}?key=${KEY}x`,
    `ABCDEFGH01234567?key=${KEY}`,
  ])('is refused without its secret being repeated: %j', (text) => {
    const said = parseStreamKey(text);
    expect(said).toEqual(expect.stringContaining('“?key=”'));
    expect(said).not.toContain(KEY);
  });

  it('is left in the tab until the broadcast is over', () => {
    const kept = new Map<string, string>();
    const tab: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => void kept.set(name, value),
      removeItem: (name) => void kept.delete(name),
    };
    expect(handedOver(tab)).toBe('');
    handOver(`${ID}?key=${KEY}`, tab);
    expect([handedOver(tab), handedOver(tab)]).toEqual([`${ID}?key=${KEY}`, `${ID}?key=${KEY}`]);
    forgetKey(tab);
    expect(kept.size).toBe(0);
  });
});

describe('ICE servers in a Link header', () => {
  it('are read as the API writes them', () => {
    const urls = ['turn:turn.example.com:3478?transport=udp', 'turns:turn.example.com:443?transport=tcp'];
    const servers = [
      { urls: ['stun:stun.example.com'] },
      { urls, username: '1790000000:a "b", c\\', credential: 'x+/=,;>' },
    ];
    expect(iceServersOf(linksOf(servers).join(', '))).toEqual([
      { urls: 'stun:stun.example.com' },
      ...urls.map((url) => ({ urls: url, username: '1790000000:a "b", c\\', credential: 'x+/=,;>' })),
    ]);
  });

  it('are taken from among other links, also without quotes', () => {
    const others =
      '<https://x.example/a,b>; rel="next", <stun:s.example>; rel=ice-server, <turn:t.example>;rel="other"';
    expect(iceServersOf(others)).toEqual([{ urls: 'stun:s.example' }]);
    expect(iceServersOf('')).toEqual([]);
  });
});

describe('the text for a streamer', () => {
  it.each([
    ['NotAllowedError', /blocked the camera or microphone/],
    ['NotFoundError', /No camera or no microphone/],
    ['NotReadableError', /Another program/],
    ['SomethingNew', /cannot be used/],
  ])('for the error %s', (name, words) => {
    expect(whyNoCapture(Object.assign(new Error('x'), { name }))).toMatch(words);
  });

  it.each([
    [0, true],
    [429, true],
    [503, true],
    [401, false],
    [403, false],
    [404, false],
  ])('%d may pass: %s', (status, passes) => {
    expect(new OfferRefusal(status, '').passes).toBe(passes);
  });
});
