import { MAX_REPORTED_SESSIONS, SessionReport } from '../../contract/hooks/srs';

/** A report, or a part of one, that is not told on. `part`: the field that was bad; absent: the whole report was. */
export interface LeftOut {
  streamId: string;
  sessionId: string;
  part?: 'media' | 'health' | 'peakBitrateBps' | 'renditions';
  /** The field, and what is allowed. Never a value, because it is a customer's. */
  problem: string;
}

export interface JudgedReports {
  sessions: SessionReport[];
  leftOut: LeftOut[];
}

/** Fields that are measured on a customer's media. The session exists without them. */
const MEASURED = ['media', 'health', 'peakBitrateBps', 'renditions'] as const;

/**
 * Judges each report by itself: a bad one affects its own session and no other. Beyond `MAX_REPORTED_SESSIONS` every
 * stream keeps its first sessions, those that publish before those that only upload.
 */
export function judgeReports(reports: readonly unknown[]): JudgedReports {
  const judged = reports.map(judgeReport);
  return {
    sessions: fairShare(judged.flatMap(({ report }) => report ?? [])),
    leftOut: judged.flatMap(({ leftOut }) => leftOut ?? []),
  };
}

function judgeReport(report: unknown): { report?: SessionReport; leftOut?: LeftOut } {
  const whole = SessionReport.safeParse(report);
  if (whole.success) return { report: whole.data };
  const { fields, where } = { fields: fieldsOf(report), where: whole.error.issues };
  const problem = where
    .map(({ path, message }) => `${path.join('.') || 'report'}: ${message}`)
    .join('; ')
    .slice(0, 300);
  const names = { streamId: text(fields.streamId), sessionId: text(fields.sessionId), problem };
  const bad = MEASURED.filter((part) => where.some(({ path }) => path[0] === part));
  const rest = SessionReport.safeParse(
    Object.fromEntries(Object.entries(fields).filter(([name]) => !bad.some((part) => part === name))),
  );
  if (!rest.success) return { leftOut: names };
  return { report: rest.data, leftOut: { ...names, ...(bad[0] && { part: bad[0] }) } };
}

const fieldsOf = (report: unknown): Record<string, unknown> =>
  typeof report === 'object' && report !== null ? Object.fromEntries(Object.entries(report)) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 64) : '');

/**
 * Orders the first session of each stream before the second of any, so that a stream that reconnects over and over does
 * not displace others.
 */
function fairShare(sessions: SessionReport[]): SessionReport[] {
  if (sessions.length <= MAX_REPORTED_SESSIONS) return sessions;
  const seen = new Map<string, number>();
  const publishingFirst = sessions.toSorted((a, b) => Number(b.publishing) - Number(a.publishing));
  const ranked = publishingFirst.map((session) => {
    const rank = seen.get(session.streamId) ?? 0;
    seen.set(session.streamId, rank + 1);
    return { session, rank };
  });
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, MAX_REPORTED_SESSIONS)
    .map(({ session }) => session);
}
