/**
 * The packets that a node's own firewall lets through to SRS by UDP: SRS 5 and 6 end, with all their streams, by one
 * datagram that no encoder, browser or phone sends. Tried in a network namespace:
 * test/srs-image/render/media-firewall.integration.test.ts.
 */

const CHAIN = 'webrtc-media';
/**
 * The minimum length of a packet with its IP header (20 bytes) and UDP header (8): an RTP header has 12, everything
 * else more.
 */
const MIN_PACKET = 40;
/**
 * u32's words: to the UDP header behind an IP header of any length; its length, the first byte behind it, and STUN's
 * magic cookie.
 */
const UDP = '0>>22&0x3C@';
const LENGTH_MODULO_4 = `${UDP}4>>16&3`;
const FIRST_BYTE = `${UDP}8>>24`;
const COOKIE = `${UDP}12`;

/**
 * By the first byte, as RFC 7983 tells them apart: STUN (0 and 1) has the cookie of RFC 8489, and a length that is a
 * multiple of 4, as all its attributes have; DTLS is 20 to 63, RTP and RTCP 128 to 191. All else is dropped. Before
 * every other rule, because a client that was answered once would pass as known.
 */
export const mediaRules = (port: number): string[] => [
  `iptables -w -N ${CHAIN}`,
  `iptables -w -A ${CHAIN} -m length --length 0:${MIN_PACKET - 1} -j DROP`,
  `iptables -w -A ${CHAIN} -m u32 --u32 '${FIRST_BYTE}=20:63,128:191' -j ACCEPT`,
  `iptables -w -A ${CHAIN} -m u32 --u32 '${FIRST_BYTE}=0:1 && ${LENGTH_MODULO_4}=0 && ${COOKIE}=0x2112A442' -j ACCEPT`,
  `iptables -w -A ${CHAIN} -j DROP`,
  `iptables -w -I INPUT 1 -p udp --dport ${port} -j ${CHAIN}`,
];

/** SRT for those networks, and for nobody else. */
export const srtRules = (port: number, sources: readonly string[]): string[] => [
  ...sources.map((source) => `iptables -w -A INPUT -p udp --dport ${port} -s ${source} -j ACCEPT`),
  `iptables -w -A INPUT -p udp --dport ${port} -j DROP`,
];
