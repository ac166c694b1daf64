import fc from 'fast-check';
import { GateLimits } from '../../../functions/contract/gate';
import { Guard } from '../../../srs-image/gate/guard';
import { GateRefusal, type Reason } from '../../../srs-image/gate/refusal';
import { HANDSHAKE } from '../../support/rtmp/chunks';
import { ENCODERS } from '../../support/rtmp/encoders';
import { HOSTILE } from '../../support/rtmp/hostile';
import { measureAsSrs } from '../../support/rtmp/srs-amf';
import { readAsSrs, type SrsMessage } from '../../support/rtmp/srs-reader';

const LIMITS = GateLimits.parse({});

interface Outcome {
  passed: Buffer;
  refused: Reason | undefined;
}

/** Returns the bytes that a guard passes of those that come in `reads`. */
function guarded(reads: readonly Buffer[], limits = LIMITS): Outcome {
  const guard = new Guard(limits);
  const passed: Buffer[] = [];
  for (const read of reads) {
    try {
      passed.push(...guard.take(read, 0).pieces);
    } catch (error) {
      if (!(error instanceof GateRefusal)) throw error;
      return { passed: Buffer.concat(passed), refused: error.reason };
    }
  }
  return { passed: Buffer.concat(passed), refused: undefined };
}

const byBytes = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));

const messages = (bytes: Buffer) => readAsSrs(bytes.subarray(HANDSHAKE.length));

describe("an encoder's output", () => {
  it.each(Object.entries(ENCODERS))('of %s reaches SRS as it is meant', (_whose, sent) => {
    const bytes = Buffer.concat(sent());
    const { passed, refused } = guarded([bytes]);
    expect(refused).toBeUndefined();
    expect(messages(passed)).toEqual(messages(bytes));
  });

  it.each(Object.entries(ENCODERS))('of %s is the same whatever the network makes of it', (_whose, sent) => {
    const bytes = Buffer.concat(sent());
    const whole = guarded([bytes]);
    for (const size of [1, 2, 7, 130, 1500]) expect(guarded(byBytes(bytes, size))).toEqual(whole);
  });

  it.each(['OBS and others by librtmp', 'ffmpeg'])(
    'of %s is passed on byte for byte, so that acknowledgements count what was sent',
    (whose) => {
      const bytes = Buffer.concat(ENCODERS[whose]?.().filter((_, at) => at !== 12) ?? []);
      expect(guarded([bytes]).passed.equals(bytes)).toBe(true);
    },
  );

  it('is passed on in the pieces it came in, and not copied', () => {
    const guard = new Guard(LIMITS);
    const parts = ENCODERS['OBS and others by librtmp']?.() ?? [];
    for (const part of parts.slice(0, 8)) guard.take(part, 0);
    const picture = parts[8] ?? Buffer.alloc(0);
    const { pieces } = guard.take(picture, 0);
    expect(pieces).toHaveLength(1);
    expect(pieces[0]?.buffer).toBe(picture.buffer);
  });
});

describe('a hostile client', () => {
  it.each(HOSTILE)('is refused for $title', ({ bytes, reason }) => {
    expect(guarded([bytes]).refused).toBe(reason);
  });

  it.each(HOSTILE.filter(({ bytes }) => bytes.length < 200_000))(
    'is refused for $title when it sends byte by byte',
    ({ bytes, reason }) => {
      const { passed, refused } = guarded(byBytes(bytes, 1));
      expect(refused).toBe(reason);
      expect(() => messages(passed)).not.toThrow();
    },
  );

  it('has nothing passed on of the read in which it is refused', () => {
    for (const { bytes } of HOSTILE) expect(guarded([bytes]).passed).toHaveLength(0);
  });
});

const AMF_FROM: Readonly<Record<number, number>> = { 15: 0, 17: 1, 18: 0, 20: 0 };

/** Returns whether SRS may read it: the promise of the guard, checked by a second reader. */
function isHarmless({ type, body }: SrsMessage): boolean {
  if (![1, 3, 4, 5, 6, 8, 9, 15, 17, 18, 20].includes(type) || body.length === 0 || body.length > LIMITS.videoBytes)
    return false;
  const from = AMF_FROM[type];
  if (from === undefined) return true;
  const { depth, keys } = measureAsSrs(body, from);
  return depth <= LIMITS.depth && keys <= LIMITS.keys;
}

it('the guard has a second reader that sees what SRS dies of', () => {
  const [deep] = HOSTILE.filter(({ title }) => title.startsWith('an object nested 2000 deep in a call nobody knows'));
  const [last] = messages(deep?.bytes ?? Buffer.alloc(0)).slice(-1);
  expect(last && isHarmless(last)).toBe(false);
});

describe('bytes of chance', () => {
  const seed = 20_261_126;
  const sources = [
    ...Object.values(ENCODERS).map((sent) => Buffer.concat(sent())),
    ...HOSTILE.map(({ bytes }) => bytes),
  ].filter(({ length }) => length < 40_000);
  const mutated = fc
    .record({
      source: fc.constantFrom(...sources),
      changes: fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }), {
        maxLength: 4,
      }),
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ source, changes, cut }) => {
      const bytes = Buffer.from(source);
      const from = HANDSHAKE.length;
      for (const { at, byte } of changes) bytes[from + Math.floor(at * (bytes.length - from))] = byte;
      return bytes.subarray(0, from + Math.ceil(cut * (bytes.length - from)));
    });

  it('in captures with changes are refused, or SRS reads out of them what the guard read', () => {
    fc.assert(
      fc.property(mutated, (bytes) => {
        const { passed } = guarded(byBytes(bytes, 1500));
        const read = messages(passed);
        expect(read.filter((message) => !isHarmless(message))).toEqual([]);
      }),
      { seed, numRuns: 3000 },
    );
  });

  it('have the same end however they are cut', () => {
    fc.assert(
      fc.property(mutated, fc.integer({ min: 1, max: 600 }), (bytes, size) => {
        const whole = guarded(byBytes(bytes, bytes.length));
        const cut = guarded(byBytes(bytes, size));
        expect(cut.refused).toBe(whole.refused);
        if (whole.refused === undefined) expect(cut.passed.equals(whole.passed)).toBe(true);
      }),
      { seed, numRuns: 1000 },
    );
  });

  it('throw nothing but refusals', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        const reads = [HANDSHAKE, Buffer.from(bytes)];
        expect(() => guarded(reads)).not.toThrow();
      }),
      { seed, numRuns: 2000 },
    );
  });
});
