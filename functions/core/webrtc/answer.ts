/** `candidate:` foundation, component, transport, priority, address, port, ... (RFC 8839, 5.1) */
const CANDIDATE = /^(a=candidate:\S+ \d+ \S+ \d+ )(\S+)( \d+ typ host.*)$/;

/**
 * A media server's answer with its host candidates at `address`: SRS knows the addresses of its network cards, and on Google's
 * machines the external one is none of these. Candidates that become the same are given once. Without an `address`: as it is.
 */
export function withCandidatesAt(sdp: string, address: string | undefined): string {
  if (address === undefined) return sdp;
  let seen = new Set<string>();
  const lines = sdp.split('\r\n').filter((line) => {
    if (line.startsWith('m=')) seen = new Set();
    const same = sameCandidate(line, address);
    if (same === undefined) return true;
    const isNew = !seen.has(same);
    seen.add(same);
    return isNew;
  });
  return lines.map((line) => line.replace(CANDIDATE, `$1${address}$3`)).join('\r\n');
}

/** What two candidates at one address have in common when nothing but their foundation and priority differ. */
function sameCandidate(line: string, address: string): string | undefined {
  const [, head, , tail] = CANDIDATE.exec(line) ?? [];
  if (head === undefined || tail === undefined) return undefined;
  const [, component, transport] = head.split(' ');
  return [component, transport?.toLowerCase(), address, tail].join(' ');
}

/** Names the ICE session of an answer: it changes when ICE starts anew. */
export const iceSessionOf = (sdp: string): string => /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? '';
