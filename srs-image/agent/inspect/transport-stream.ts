/** Transport stream (ISO/IEC 13818-1) as SRS writes it: one program, whole packets, PAT and PMT in one packet each. */
const PACKET = 188;
const SYNC = 0x47;
const PAT_PID = 0;

/** One PES packet: a video frame, or some frames of sound. Times in ticks of 90 kHz. */
export interface Unit {
  streamType: number;
  pts: number | undefined;
  dts: number | undefined;
  payload: Uint8Array;
}

interface Open {
  streamType: number;
  parts: Uint8Array[];
}

/** The PES packets of a segment in the order they begin; what is malformed is left out. */
export function unitsOf(ts: Uint8Array): Unit[] {
  const types = new Map<number, number>();
  const open = new Map<number, Open>();
  const done: Open[] = [];
  let pmtPid: number | undefined;
  for (let at = 0; at + PACKET <= ts.length; at += PACKET) {
    const packet = ts.subarray(at, at + PACKET);
    const { pid, begins, payload } = read(packet);
    if (payload === undefined) continue;
    if (pid === PAT_PID && begins) pmtPid = programOf(payload);
    else if (pid === pmtPid && begins) for (const [streamPid, type] of streamsOf(payload)) types.set(streamPid, type);
    else if (types.has(pid)) {
      if (begins) {
        const unit = { streamType: types.get(pid) ?? 0, parts: [payload] };
        open.set(pid, unit);
        done.push(unit);
      } else open.get(pid)?.parts.push(payload);
    }
  }
  return done.flatMap((each) => unitOf(each) ?? []);
}

function read(packet: Uint8Array): { pid: number; begins: boolean; payload: Uint8Array | undefined } {
  const [sync = 0, second = 0, third = 0, fourth = 0, adaptationLength = 0] = packet;
  const pid = ((second & 0x1f) << 8) | third;
  const hasPayload = sync === SYNC && (fourth & 0x10) !== 0;
  const start = (fourth & 0x20) !== 0 ? 5 + adaptationLength : 4;
  return { pid, begins: (second & 0x40) !== 0, payload: hasPayload && start < PACKET ? packet.subarray(start) : undefined };
}

/** A table's section, behind its pointer field. */
const sectionOf = (payload: Uint8Array): Uint8Array => payload.subarray(1 + (payload[0] ?? 0));

const programOf = (payload: Uint8Array): number => {
  const section = sectionOf(payload);
  return (((section[10] ?? 0) & 0x1f) << 8) | (section[11] ?? 0);
};

function streamsOf(payload: Uint8Array): [pid: number, streamType: number][] {
  const section = sectionOf(payload);
  const end = 3 + ((((section[1] ?? 0) & 0x0f) << 8) | (section[2] ?? 0)) - 4;
  const streams: [number, number][] = [];
  let at = 12 + ((((section[10] ?? 0) & 0x0f) << 8) | (section[11] ?? 0));
  while (at + 5 <= end && at + 5 <= section.length) {
    streams.push([(((section[at + 1] ?? 0) & 0x1f) << 8) | (section[at + 2] ?? 0), section[at] ?? 0]);
    at += 5 + ((((section[at + 3] ?? 0) & 0x0f) << 8) | (section[at + 4] ?? 0));
  }
  return streams;
}

function unitOf({ streamType, parts }: Open): Unit | undefined {
  const [first] = parts;
  if (first === undefined || first[0] !== 0 || first[1] !== 0 || first[2] !== 1) return undefined;
  const flags = first[7] ?? 0;
  const pts = (flags & 0x80) !== 0 ? timeAt(first, 9) : undefined;
  const dts = (flags & 0x40) !== 0 ? timeAt(first, 14) : pts;
  const head = first.subarray(9 + (first[8] ?? 0));
  return { streamType, pts, dts, payload: concat([head, ...parts.slice(1)]) };
}

/** 33 bits in five bytes, with marker bits between: more than JavaScript's bit operators take. */
function timeAt(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = bytes.subarray(at, at + 5);
  return ((a >> 1) & 7) * 2 ** 30 + (((b << 7) | (c >> 1)) << 15) + ((d << 7) | (e >> 1));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
