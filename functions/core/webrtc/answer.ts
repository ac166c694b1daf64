/** `candidate:` foundation, component, transport, priority, address, port, ... (RFC 8839, 5.1) */
const CANDIDATE = /^(a=candidate:\S+ \d+ \S+ \d+ )(\S+)( \d+ typ host.*)$/;

/**
 * A media server's answer with its host candidates at `address`: SRS knows the addresses of its network cards, and on
 * Google's machines the external one is none of these. Candidates that become the same are given once. After each
 * candidate the same one follows at `relayAddress`, in the network of the TURN servers, which relay to no other.
 * Without an `address` the answer stays as it is.
 */
export function withCandidatesAt(sdp: string, address: string | undefined, relayAddress?: string): string {
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
  const relayed = relayAddress === undefined || relayAddress === address ? undefined : relayAddress;
  return lines.flatMap((line) => candidatesOf(line, address, relayed)).join('\r\n');
}

/** The second has a foundation of its own, as RFC 8445 (5.1.1.3) wants of another address, and the least priority. */
function candidatesOf(line: string, address: string, relayAddress: string | undefined): string[] {
  const [, head, , tail] = CANDIDATE.exec(line) ?? [];
  if (head === undefined || tail === undefined) return [line];
  const first = `${head}${address}${tail}`;
  if (relayAddress === undefined) return [first];
  const [foundation, component, transport] = head.split(' ');
  return [first, `${foundation}r ${component} ${transport} 1 ${relayAddress}${tail}`];
}

/** Returns what two candidates at one address have in common when nothing but their foundation and priority differ. */
function sameCandidate(line: string, address: string): string | undefined {
  const [, head, , tail] = CANDIDATE.exec(line) ?? [];
  if (head === undefined || tail === undefined) return undefined;
  const [, component, transport] = head.split(' ');
  return [component, transport?.toLowerCase(), address, tail].join(' ');
}

/** Names the ICE session of an answer: it changes when ICE restarts. */
export const iceSessionOf = (sdp: string): string => /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? '';
