import type { LowLatencyState } from './playlist';

/** A blocking reload as the query asks for it (rfc8216bis 6.2.5.2). */
export interface Reload {
  msn?: number;
  part?: number;
  skip: boolean;
}

/** Decision about a request: answer now, hold it until something is cut, or refuse it with this reason (400). */
export type ReloadDecision = { kind: 'answer' } | { kind: 'hold' } | { kind: 'refuse'; reason: string };

const CANONICAL = /^(0|[1-9]\d{0,8})$/;
/** A request for more than this ahead asks for what no player needs (rfc8216bis 6.2.5.2). */
const MAX_AHEAD = 2;

/**
 * Reads `_HLS_msn`, `_HLS_part` and `_HLS_skip`. Only the canonical form of a number is taken: `05` would be a cache
 * entry of its own. A sentence says which field is wrong, and what is allowed.
 */
export function readReload(query: Readonly<Record<string, string | undefined>>): Reload | string {
  const { _HLS_msn: msn, _HLS_part: part, _HLS_skip: skip, ...others } = query;
  const [other] = Object.keys(others);
  if (other !== undefined) return `query '${other.slice(0, 32)}': use _HLS_msn, _HLS_part and _HLS_skip`;
  for (const [name, value] of Object.entries({ _HLS_msn: msn, _HLS_part: part }))
    if (value !== undefined && !CANONICAL.test(value))
      return `${name}: '${value.slice(0, 32)}': use a whole number without leading zeros`;
  if (part !== undefined && msn === undefined) return '_HLS_part: use it together with _HLS_msn';
  if (skip !== undefined && skip !== 'YES' && skip !== 'v2') return `_HLS_skip: '${skip.slice(0, 32)}': use YES or v2`;
  return {
    ...(msn === undefined ? {} : { msn: Number(msn) }),
    ...(part === undefined ? {} : { part: Number(part) }),
    skip: skip !== undefined,
  };
}

/**
 * Decides about a request at the present state. A part beyond the last of a closed segment is the first of the next
 * one: hls.js 1.7 asks so, and an answer at once would have it reload in a loop.
 */
export function decideReload(state: LowLatencyState, { msn, part }: Reload): ReloadDecision {
  if (msn === undefined || state.ended) return { kind: 'answer' };
  const { open, segments } = state;
  if (msn > open.msn + MAX_AHEAD)
    return { kind: 'refuse', reason: `_HLS_msn: ${msn}: use at most ${open.msn + MAX_AHEAD}` };
  if (msn > open.msn) return { kind: 'hold' };
  if (msn === open.msn) return part !== undefined && open.parts.length > part ? { kind: 'answer' } : { kind: 'hold' };
  const closed = segments.find((segment) => segment.msn === msn);
  const isBeyond = closed !== undefined && part !== undefined && part >= closed.parts.length && msn === open.msn - 1;
  return isBeyond && open.parts.length === 0 ? { kind: 'hold' } : { kind: 'answer' };
}
