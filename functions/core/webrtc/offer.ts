import type { RtcKind } from '../../contract/hooks/media';
import { DomainError } from '../errors';

/** One `m=` section of a session description (RFC 8866, 5.14) with its lines. */
interface Section {
  media: string;
  lines: readonly string[];
}

/** Codecs from which SRS makes HLS and RTMP. */
const CODECS: Readonly<Record<string, string>> = { video: 'H264', audio: 'opus' };

const bad = (message: string): DomainError => new DomainError('bad_request', `sdp: ${message}`);
const unsupported = (message: string): DomainError => new DomainError('media_unsupported', `sdp: ${message}`);

/** A browser offers one of each. */
const MAX_SECTIONS = 16;

/**
 * A WebRTC offer as a media server may see it: the lines that were checked and no others, each ended by CRLF. Throws
 * `bad_request` for what is no offer of ICE and DTLS (RFC 8829, 5.3.1), `media_unsupported` for one SRS could not
 * answer: codecs, data channels.
 */
export function checkedOffer(sdp: string, kind: RtcKind): string {
  const { lines, session, sections } = read(sdp);
  if (sections.length === 0) throw bad("it has no 'm=' line: offer audio, video or both");
  for (const section of sections) {
    checkTransport(section, session);
    checkMedia(section, kind);
  }
  return lines.map((line) => `${line}\r\n`).join('');
}

interface Description {
  lines: readonly string[];
  session: readonly string[];
  sections: readonly Section[];
}

function read(sdp: string): Description {
  const lines = sdp.split(/\r\n|\n/).filter((line) => line !== '');
  if (lines[0] !== 'v=0') throw bad("it does not begin with 'v=0'");
  const wrong = lines.find((line) => !/^[a-z]=[^\0\r]*$/.test(line));
  if (wrong !== undefined)
    throw bad(`line '${wrong.replace(/[^\x20-\x7e]/g, '?').slice(0, 40)}' is not '<letter>=<value>'`);
  const starts = lines.flatMap((line, at) => (line.startsWith('m=') ? [at] : []));
  if (starts.length > MAX_SECTIONS) throw bad(`it has ${starts.length} 'm=' lines: at most ${MAX_SECTIONS} are taken`);
  const sections = starts.map((start, i) => ({
    media: (lines[start] ?? '').slice('m='.length).split(' ')[0] ?? '',
    lines: lines.slice(start, starts[i + 1]),
  }));
  return { lines, session: lines.slice(0, starts[0]), sections };
}

function checkTransport({ media, lines }: Section, session: readonly string[]): void {
  for (const attribute of ['ice-ufrag', 'ice-pwd', 'fingerprint', 'setup']) {
    const isThere = [...session, ...lines].some((line) => line.startsWith(`a=${attribute}:`));
    if (!isThere) throw bad(`m=${media} has no 'a=${attribute}': WebRTC needs ICE and DTLS`);
  }
}

function checkMedia({ media, lines }: Section, kind: RtcKind): void {
  const codec = CODECS[media];
  if (codec === undefined) throw unsupported(`m=${media.slice(0, 20)}: only audio and video are taken`);
  const offered = lines.flatMap((line) => /^a=rtpmap:\d+ ([^/]+)\//.exec(line)?.[1] ?? []);
  if (!offered.some((name) => name.toLowerCase() === codec.toLowerCase())) {
    const got = [...new Set(offered)].join(', ').slice(0, 100);
    throw unsupported(`${media}: offer ${codec}; got ${got === '' ? 'no codec' : got}`);
  }
  const idle = kind === 'publish' ? 'recvonly' : 'sendonly';
  if (lines.includes(`a=${idle}`)) throw bad(`${media} is '${idle}', which does not allow it to ${kind}`);
}
