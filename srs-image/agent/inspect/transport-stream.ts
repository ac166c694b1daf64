import { PACKET, packetsOf, timesAt } from './packets';

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
  const open = new Map<number, Open>();
  const done: Open[] = [];
  for (const { pid, streamType, at, start, begins } of packetsOf(ts).packets) {
    const payload = ts.subarray(start, at + PACKET);
    if (begins) {
      const unit = { streamType, parts: [payload] };
      open.set(pid, unit);
      done.push(unit);
    } else open.get(pid)?.parts.push(payload);
  }
  return done.flatMap((each) => unitOf(each) ?? []);
}

function unitOf({ streamType, parts }: Open): Unit | undefined {
  const [first] = parts;
  if (first === undefined || first[0] !== 0 || first[1] !== 0 || first[2] !== 1) return undefined;
  const { pts, dts } = timesAt(first, 0);
  const head = first.subarray(9 + (first[8] ?? 0));
  return { streamType, pts, dts, payload: concat([head, ...parts.slice(1)]) };
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
