import { randomBytes } from 'node:crypto';

/** Lines of both media, as Chromium 150 writes them. */
const transport = (mid: number, ufrag: string, fingerprint: string): string[] => [
  ...['c=IN IP4 0.0.0.0', 'a=rtcp:9 IN IP4 0.0.0.0', `a=ice-ufrag:${ufrag}`],
  ...['a=ice-pwd:0123456789abcdefghijklmn', 'a=ice-options:trickle', `a=fingerprint:sha-256 ${fingerprint}`],
  ...['a=setup:actpass', `a=mid:${mid}`, 'a=sendonly', `a=msid:- track${mid}`, 'a=rtcp-mux'],
];

/** Makes the SDP offer of a browser that publishes H.264 and Opus; its ICE name is another each time. */
export function browserOffer(): string {
  const ufrag = randomBytes(3).toString('hex');
  const fingerprint = [...randomBytes(32)].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
  const lines = [
    ...['v=0', 'o=- 4611731400430051336 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1'],
    ...['a=extmap-allow-mixed', 'a=msid-semantic: WMS', 'm=audio 9 UDP/TLS/RTP/SAVPF 111'],
    ...transport(0, ufrag, fingerprint),
    ...['a=rtpmap:111 opus/48000/2', 'a=rtcp-fb:111 transport-cc', 'a=fmtp:111 minptime=10;useinbandfec=1'],
    ...['a=ssrc:1001 cname:odd', 'a=ssrc:1001 msid:- track0', 'm=video 9 UDP/TLS/RTP/SAVPF 106'],
    ...transport(1, ufrag, fingerprint),
    ...['a=rtcp-rsize', 'a=rtpmap:106 H264/90000', 'a=rtcp-fb:106 nack', 'a=rtcp-fb:106 nack pli'],
    'a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    ...['a=ssrc:1002 cname:odd', 'a=ssrc:1002 msid:- track1'],
  ];
  return `${lines.join('\r\n')}\r\n`;
}
