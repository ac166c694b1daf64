const CODECS: Readonly<Record<string, readonly string[]>> = {
  audio: ['opus'],
  video: ['H264', 'VP8'],
  application: [],
};
const RATES: Readonly<Record<string, string>> = { audio: '48000/2', video: '90000' };

/** An offer as a browser makes it: everything in one bundle. */
export function offerOf(
  options: { media?: readonly string[]; direction?: string; codecs?: Readonly<Record<string, readonly string[]>> } = {},
): string {
  const { media = ['audio', 'video'], direction = 'sendrecv', codecs = {} } = options;
  const section = (kind: string, mid: number): string[] => {
    const names = codecs[kind] ?? CODECS[kind] ?? [];
    return [
      `m=${kind} 9 UDP/TLS/RTP/SAVPF ${names.map((_, at) => 100 + at).join(' ')}`.trim(),
      'c=IN IP4 0.0.0.0',
      'a=rtcp:9 IN IP4 0.0.0.0',
      'a=ice-ufrag:Lzeo',
      'a=ice-pwd:vpzyVUSsJvs6PwGh7s6WGhHF',
      `a=fingerprint:sha-256 ${'AB:'.repeat(31)}AB`,
      'a=setup:actpass',
      `a=mid:${mid}`,
      `a=${direction}`,
      'a=rtcp-mux',
      ...names.map((name, at) => `a=rtpmap:${100 + at} ${name}/${RATES[kind]}`),
    ];
  };
  const session = [
    'v=0',
    'o=- 4611 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${media.map((_, at) => at).join(' ')}`,
  ];
  return [...session, ...media.flatMap(section), ''].join('\r\n');
}
