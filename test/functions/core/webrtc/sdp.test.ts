import { DomainError } from '../../../../functions/core/errors';
import { iceSessionOf, withCandidatesAt } from '../../../../functions/core/webrtc/answer';
import { linksOf } from '../../../../functions/core/webrtc/ice-servers';
import { checkedOffer } from '../../../../functions/core/webrtc/offer';
import { readSrsUrl, SRS_URL_PATTERN } from '../../../../functions/core/webrtc/srs-url';
import { offerOf } from '../../../support/network/sdp';

const refusal = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, message: error.message };
    throw error;
  }
  return 'taken';
};

describe('an offer', () => {
  it.each(['publish', 'play'] as const)('of a browser is taken to %s', (kind) => {
    expect(
      refusal(() => checkedOffer(offerOf({ direction: kind === 'publish' ? 'sendonly' : 'recvonly' }), kind)),
    ).toBe('taken');
  });

  it('may have line feeds alone, and only sound', () => {
    expect(refusal(() => checkedOffer(offerOf({ media: ['audio'] }).replaceAll('\r\n', '\n'), 'publish'))).toBe(
      'taken',
    );
  });

  it.each([
    ['nothing', '', "does not begin with 'v=0'"],
    ['JSON', '{"type":"offer"}', "does not begin with 'v=0'"],
    ['a line that is none', 'v=0\r\nhello\r\n', "line 'hello' is not '<letter>=<value>'"],
    ['control characters', 'v=0\r\na=\0\r\n', 'is not'],
    ['no media', 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\n', "no 'm=' line"],
    ['no ICE', offerOf().replace(/a=ice-ufrag.*\r\n/g, ''), "no 'a=ice-ufrag'"],
    ['no DTLS', offerOf().replace(/a=fingerprint.*\r\n/g, ''), "no 'a=fingerprint'"],
  ])('with %s is refused', (_what, sdp, why) => {
    expect(refusal(() => checkedOffer(sdp, 'publish'))).toEqual({
      code: 'bad_request',
      message: expect.stringContaining(why),
    });
  });

  it('that only receives cannot publish, one that only sends cannot play', () => {
    expect(refusal(() => checkedOffer(offerOf({ direction: 'recvonly' }), 'publish'))).toMatchObject({
      code: 'bad_request',
    });
    expect(refusal(() => checkedOffer(offerOf({ direction: 'sendonly' }), 'play'))).toMatchObject({
      code: 'bad_request',
    });
  });

  it('without a codec SRS has is told which one to use', () => {
    expect(refusal(() => checkedOffer(offerOf({ codecs: { video: ['VP8', 'AV1'] } }), 'publish'))).toEqual({
      code: 'media_unsupported',
      message: 'sdp: video: offer H264; got VP8, AV1',
    });
    expect(refusal(() => checkedOffer(offerOf({ codecs: { audio: ['PCMU'] } }), 'publish'))).toMatchObject({
      code: 'media_unsupported',
      message: 'sdp: audio: offer opus; got PCMU',
    });
  });

  it('with a data channel is refused', () => {
    expect(refusal(() => checkedOffer(offerOf({ media: ['application'] }), 'play'))).toMatchObject({
      code: 'media_unsupported',
    });
  });
});

describe('the candidates of an answer', () => {
  const answer = (...candidates: string[]): string =>
    ['v=0', 'm=audio 9 x 111', ...candidates, 'm=video 9 x 106', ...candidates, ''].join('\r\n');
  const udp = (address: string, n = 0): string =>
    `a=candidate:${n} 1 udp 2130706431 ${address} 8000 typ host generation 0`;
  const tcp = (address: string, n = 1): string =>
    `a=candidate:${n} 1 tcp 2130706431 ${address} 8000 typ host tcptype passive`;

  it('get the address of the node', () => {
    expect(withCandidatesAt(answer(udp('10.0.0.2'), tcp('10.0.0.2')), '203.0.113.7')).toBe(
      answer(udp('203.0.113.7'), tcp('203.0.113.7')),
    );
  });

  it('are given once where they become the same', () => {
    expect(withCandidatesAt(answer(udp('10.0.0.2'), udp('fd00::2', 1)), '203.0.113.7')).toBe(
      answer(udp('203.0.113.7')),
    );
  });

  it('stay as they are without one', () => {
    expect(withCandidatesAt(answer(udp('127.0.0.1')), undefined)).toBe(answer(udp('127.0.0.1')));
  });

  it('have a name for their ICE session', () => {
    expect(iceSessionOf('v=0\r\na=ice-ufrag:nnrlyl49\r\n')).toBe('nnrlyl49');
  });
});

describe('the links to ICE servers', () => {
  it('have the credentials of each URL, and quotes escaped', () => {
    const urls = ['turn:turn.example.com?transport=udp', 'turns:turn.example.com?transport=tcp'];
    expect(linksOf([{ urls: ['stun:stun.example.com'] }, { urls, username: '1:a', credential: 'x"y' }])).toEqual([
      '<stun:stun.example.com>; rel="ice-server"',
      ...urls.map(
        (url) => `<${url}>; rel="ice-server"; username="1:a"; credential="x\\"y"; credential-type="password"`,
      ),
    ]);
  });
});

describe('a webrtc:// URL', () => {
  const documented = new RegExp(SRS_URL_PATTERN);

  it('names stream and secret, and nothing else counts', () => {
    expect(readSrsUrl('webrtc://live.example.com:8443/live/abcdefghij012345?key=k&eip=1.2.3.4&ice-ufrag=x')).toEqual({
      streamId: 'abcdefghij012345',
      key: 'k',
    });
    expect(readSrsUrl('webrtc://h/live/abcdefghij012345')).toEqual({ streamId: 'abcdefghij012345' });
  });

  it.each([
    'webrtc://h:8443/live/abcdefghij012345?key=k&x',
    'webrtc:///live/abcdefghij012345',
    `webrtc://h/live/${'0'.repeat(16)}?`,
  ])('like %p is taken, and has the form that the document says', (url) => {
    expect(readSrsUrl(url).streamId).toHaveLength(16);
    expect(url).toMatch(documented);
  });

  it.each([
    'rtmp://h/live/abcdefghij012345',
    'webrtc://h/other/abcdefghij012345',
    'webrtc://h/live/short',
    'webrtc://h/live/../x/y',
    'webrtc://h/live/abcdefghij012345/',
    'webrtc://h/live/abcdefghij012345#x',
    'webrtc://h/live/ABCDEFGHIJ012345',
    'webrtc://h?/live/abcdefghij012345',
    ' webrtc://h/live/abcdefghij012345',
    '',
  ])('like %p is refused', (url) => {
    expect(refusal(() => readSrsUrl(url))).toMatchObject({ code: 'bad_request' });
    expect(url).not.toMatch(documented);
  });

  it('keeps the key out of its message', () => {
    const refused = refusal(() => readSrsUrl(`webrtc://h/live/short?key=sk_${'a'.repeat(32)}`));
    expect(JSON.stringify(refused)).not.toContain('sk_a');
  });
});
