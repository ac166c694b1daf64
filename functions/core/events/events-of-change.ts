import type { PlatformEvent } from '../../contract/events';
import type { Broadcast, Session, Stream } from '../../contract/state';
import {
  recordingReady,
  renditionsChanged,
  streamEnded,
  streamFailover,
  streamLive,
  streamReconnecting,
  streamRevived,
  streamSuspended,
  streamWarning,
} from './events';

/**
 * Lists the events of a change of a stream, in the order it happened: of its broadcasts that end and are finished, of
 * its newest session, of its suspension. `atMs`: when the change is made. Derived from the two states, so that no way
 * to change a stream can forget.
 */
export function eventsOfChange(before: Stream, after: Stream, atMs: number): PlatformEvent[] {
  const ended = before.unfinished.filter(({ id, state }) => state === 'open' && stateIn(after, id) !== 'open');
  const finished = before.unfinished.filter(({ id, state }) => state !== 'open' && stateIn(after, id) === undefined);
  return [
    ...ended.map((broadcast) => streamEnded(broadcast, atMs)),
    ...finished.flatMap((broadcast) => recordingOf(broadcast, after, atMs)),
    ...(isFailover(before, after) ? failoverOf(before, after, atMs) : sessionEvents(before.session, after, atMs)),
    ...warningsOf(before.session, after.session),
    ...renditionsOf(before.session, after.session),
    ...(before.suspended === undefined && after.suspended !== undefined
      ? [streamSuspended(after, { cause: 'operator', atMs: after.suspended.at })]
      : []),
  ];
}

const stateIn = ({ unfinished }: Stream, id: string): Broadcast['state'] | undefined =>
  unfinished.find((broadcast) => broadcast.id === id)?.state;

/** Returns the recording; no recording of a suspended stream can be watched. */
const recordingOf = (broadcast: Broadcast, { policy, recording, suspended }: Stream, atMs: number): PlatformEvent[] =>
  suspended === undefined && (broadcast.recording ?? recording) ? [recordingReady({ ...broadcast, policy }, atMs)] : [];

/** Those of another session have ended with it. */
function warningsOf(before: Session | undefined, after: Session | undefined): PlatformEvent[] {
  if (after === undefined) return [];
  const was = before?.id === after.id ? (before.warnings ?? []) : [];
  const is = after.warnings ?? [];
  const begun = is.filter(({ code }) => !was.some((each) => each.code === code));
  const over = was.filter(({ code }) => !is.some((each) => each.code === code));
  return [
    ...over.map((warning) => streamWarning(after, { warning, state: 'over', atMs: after.warningsAt ?? warning.at })),
    ...begun.map((warning) => streamWarning(after, { warning, state: 'begun', atMs: warning.at })),
  ];
}

const renditionsOf = (before: Session | undefined, after: Session | undefined): PlatformEvent[] =>
  after?.toldRenditions !== undefined &&
  JSON.stringify(after.toldRenditions) !== JSON.stringify(before?.id === after.id ? before.toldRenditions : undefined)
    ? [renditionsChanged({ ...after, toldRenditions: after.toldRenditions })]
    : [];

/** The session that stood by is on air. */
const isFailover = ({ backup }: Stream, { session }: Stream): boolean =>
  backup !== undefined && backup.id === session?.id;

const failoverOf = ({ session: before }: Stream, { session }: Stream, atMs: number): PlatformEvent[] =>
  before === undefined || session === undefined ? [] : [streamFailover(session, { from: before.id, atMs })];

/** A session that ends with its broadcast is not one that may come back: `stream.ended` says it all. */
function sessionEvents(before: Session | undefined, after: Stream, atMs: number): PlatformEvent[] {
  const { session } = after;
  if (session === undefined) return [];
  const { endedAt, endReason = 'unknown' } = session;
  if (before?.id !== session.id) return endedAt === undefined ? [streamLive(session)] : [];
  if (before.endedAt !== undefined) return endedAt === undefined ? [streamRevived(session, before.endedAt, atMs)] : [];
  if (endedAt === undefined || stateIn(after, session.broadcastId) !== 'open') return [];
  return [streamReconnecting({ ...session, endedAt, endReason })];
}
