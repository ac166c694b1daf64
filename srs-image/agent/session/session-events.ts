import type { SessionRecord, SessionSegment, SessionState, WaitingMetadata } from './session-state';

type RecordOf<Kind extends SessionRecord['kind']> = Extract<SessionRecord, { kind: Kind }>;

/** RFC 8216, 4.3.4.2: BANDWIDTH is the peak. Steps of 50 kbit/s, so that the index changes rarely. */
const BANDWIDTH_STEP = 50_000;

function peak(state: SessionState, segment: SessionSegment): Pick<SessionState, 'bandwidth' | 'peakBps'> {
  const { bandwidth, peakBps } = state;
  // The RFC measures over 0.5 to 1.5 target durations: a stub at the end of a publish says nothing.
  const tooShort = segment.durationMs * 2 < state.targetDurationSeconds * 1000 && bandwidth > 0;
  if (tooShort || segment.durationMs === 0) return { bandwidth, peakBps };
  const bitsPerSecond = Math.round((segment.bytes * 8 * 1000) / segment.durationMs);
  return {
    bandwidth: Math.max(bandwidth, BANDWIDTH_STEP, Math.ceil(bitsPerSecond / BANDWIDTH_STEP) * BANDWIDTH_STEP),
    peakBps: Math.max(peakBps, bitsPerSecond),
  };
}

function taken(state: SessionState, { segment }: RecordOf<'taken'>): SessionState {
  const targetDurationSeconds = Math.max(state.targetDurationSeconds, Math.round(segment.durationMs / 1000));
  return {
    ...state,
    kept: [...state.kept, segment],
    waiting: state.waiting.filter(({ id }) => segment.ranges?.some((range) => range.id === id) !== true),
    nextIndex: segment.index + 1,
    last: segment,
    breakNext: false,
    targetDurationSeconds,
    ...peak({ ...state, targetDurationSeconds }, segment),
  };
}

/** Forgets segments that are uploaded and not needed to fill the window. */
function withinWindow(state: SessionState): SessionState {
  let spareMs =
    state.kept.slice(0, state.uploaded).reduce((sum, { durationMs }) => sum + durationMs, 0) - state.windowMs;
  let leaving = 0;
  for (const { durationMs } of state.kept.slice(0, state.uploaded)) {
    if (spareMs < durationMs) break;
    spareMs -= durationMs;
    leaving += 1;
  }
  const left = state.kept.slice(0, leaving);
  return {
    ...state,
    kept: state.kept.slice(leaving),
    uploaded: state.uploaded - leaving,
    firstNumber: state.firstNumber + leaving,
    discontinuitySequence: state.discontinuitySequence + left.filter(({ discontinuity }) => discontinuity).length,
  };
}

/** A packaged segment is from now on what its packaging found, its target duration too. */
function uploaded(state: SessionState, { packaged }: RecordOf<'uploaded'>): SessionState {
  const next = { ...state, uploaded: state.uploaded + 1 };
  if (packaged === undefined) return withinWindow(next);
  const { segment, session, ...place } = packaged;
  const kept = state.kept.map((each, at) => (at === state.uploaded ? { ...each, ...place, packaged: segment } : each));
  const targetDurationSeconds = Math.max(state.targetDurationSeconds, Math.round(place.durationMs / 1000));
  return withinWindow({ ...next, kept, targetDurationSeconds, cmaf: session });
}

/** Ends the packaging: the following segments are another encoding for every player. */
function packagingOff(state: SessionState): SessionState {
  const cmaf = { renditions: state.cmaf?.renditions ?? [], plan: [], isOff: true };
  const isFirst = state.uploaded === 0;
  const kept = state.kept.map((segment, at) =>
    at === state.uploaded && !isFirst ? { ...segment, discontinuity: true } : segment,
  );
  return { ...state, kept, cmaf, breakNext: state.breakNext || (state.uploaded === kept.length && !isFirst) };
}

/** The rungs of an uploaded segment are settled. */
function rungs(state: SessionState, { index, inits, renditions }: RecordOf<'rungs'>): SessionState {
  const kept = state.kept.map((segment) =>
    segment.index === index && segment.packaged
      ? {
          ...segment,
          packaged: { ...segment.packaged, inits: { ...segment.packaged.inits, ...inits }, rungs: 'settled' as const },
        }
      : segment,
  );
  return { ...state, kept, ...(state.cmaf && { cmaf: { ...state.cmaf, renditions } }) };
}

/**
 * Those behind the dropped one move up a number, so the bucket has no gap; the next one says that something is missing.
 */
function dropped(state: SessionState, { index }: RecordOf<'dropped'>): SessionState {
  const at = state.kept.findIndex((segment) => segment.index === index);
  return at <= state.uploaded ? state : without(state, at);
}

/** The file of the next one to upload is not there, and nothing of it is in the bucket. */
function vanished(state: SessionState, { index }: RecordOf<'vanished'>): SessionState {
  return state.kept[state.uploaded]?.index === index ? without(state, state.uploaded) : state;
}

/** Timed metadata of a segment that is lost goes with the next one. */
const waitingAgain = (segment: SessionSegment | undefined): WaitingMetadata[] =>
  (segment?.ranges ?? []).map(({ offsetMs, ...range }) => ({
    ...range,
    at: (segment?.programDateTimeMs ?? 0) + offsetMs,
  }));

function without(state: SessionState, at: number): SessionState {
  const kept = state.kept
    .toSpliced(at, 1)
    .map((segment, i) => (i === at ? { ...segment, discontinuity: true } : segment));
  return {
    ...state,
    kept,
    waiting: [...waitingAgain(state.kept[at]), ...state.waiting],
    breakNext: state.breakNext || at === kept.length,
  };
}

function resumed(state: SessionState, { client, publishedAs }: RecordOf<'resumed'>): SessionState {
  const { endedAt: _over, ...rest } = state;
  return { ...rest, client, publishedAs, breakNext: state.last !== undefined, reported: false, finished: false };
}

/** The state after one more line of the journal. Pure: the same lines give the same numbers after every restart. */
export function applyRecord(state: SessionState, record: SessionRecord): SessionState {
  switch (record.kind) {
    case 'state':
      return record.state;
    case 'resumed':
      return resumed(state, record);
    case 'taken':
      return taken(state, record);
    case 'left_out':
      return { ...state, leftOutAt: record.openedAt };
    case 'uploaded':
      return uploaded(state, record);
    case 'rungs':
      return rungs(state, record);
    case 'packaging_off':
      return packagingOff(state);
    case 'dropped':
      return dropped(state, record);
    case 'vanished':
      return vanished(state, record);
    case 'media':
      return { ...state, media: record.media };
    case 'ended':
      return { ...state, endedAt: record.at };
    case 'metadata':
      return { ...state, waiting: [...state.waiting, record.metadata] };
    case 'final':
      // The last statement must be written again.
      return { ...state, final: true, finished: false };
    case 'reported':
      return { ...state, reported: true };
    case 'finished':
      return { ...state, finished: true };
  }
}
