const COOKIE = '2112a442';
export const hex = (...parts: string[]): Buffer => Buffer.from(parts.join(''), 'hex');
export const stun = (type: string, attributes: string, cookie = COOKIE): Buffer =>
  hex(type, (attributes.length / 2).toString(16).padStart(4, '0'), cookie, '00'.repeat(12), attributes);

/** Datagrams that browsers, phones and encoders send by WebRTC. */
export const SENT: Readonly<Record<string, Buffer>> = {
  'a STUN request of a browser': stun('0001', '0006000361626300'),
  'a STUN request without attributes': stun('0001', ''),
  'a STUN answer': stun('0101', '002000080001a147e112a643'),
  'a DTLS hello': hex('16feff', '00'.repeat(60)),
  'an RTP packet': hex('8060', '00'.repeat(10)),
  'an RTP packet of an odd length': hex('9060', '00'.repeat(1171)),
  'an RTCP report': hex('80c8', '00'.repeat(26)),
};

/** Datagrams that none of them sends, and the firewall of a VM drops. */
export const DROPPED: Readonly<Record<string, Buffer>> = {
  'STUN whose last attribute has no room for its padding': stun('0001', '0006000161'),
  'a STUN answer of the same kind': stun('0101', '0006000161'),
  'STUN with a value of three bytes': stun('0001', '00060003616263'),
  'STUN with two bytes too many': stun('0001', '000600026161'),
  'STUN of 19 bytes': stun('0001', '').subarray(0, 19),
  'STUN with another cookie': stun('0001', '', 'deadbeef'),
  'two bytes': hex('0001'),
  nothing: hex(''),
  'half an RTP header': hex('806000000000'),
  'a TURN channel': hex('4000', '00'.repeat(30)),
  'a ZRTP hello': hex('1000', '00'.repeat(30)),
  'bytes of no protocol': hex('ff', '00'.repeat(30)),
};
