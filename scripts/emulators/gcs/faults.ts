import type { Operation } from './meter';

/** A fault, and the requests it affects. Without a condition it affects all of them. Times in milliseconds. */
export interface StorageFault {
  readonly operations?: readonly Operation[];
  readonly bucket?: string;
  /** Matches the object's name. */
  readonly name?: RegExp;
  /** Its duration, from the moment it is added. */
  readonly forMs?: number;
  /** The number of requests it affects at most. */
  readonly times?: number;
  readonly delayMs?: number;
  /** The status of the answer, such as 429 or 503; the request is not carried out. */
  readonly status?: number;
  /** The request is carried out, but its connection breaks before the answer. */
  readonly loseAnswer?: boolean;
  /** The connection breaks and nothing is carried out. */
  readonly reset?: boolean;
  /** Half of the answer's body is sent, then the connection breaks. */
  readonly halfAnswer?: boolean;
}

export interface FaultTarget {
  readonly operation: Operation;
  readonly bucket: string;
  readonly name: string;
}

interface Active {
  readonly fault: StorageFault;
  readonly until: number;
  left: number;
}

/** Faults that tests and operators add and take away while the store runs. */
export class StorageFaults {
  readonly #active = new Set<Active>();

  constructor(private readonly clock: { now(): number }) {}

  /** Adds a fault. Returns a function that ends it early. */
  add(fault: StorageFault): () => void {
    const until = fault.forMs === undefined ? Number.POSITIVE_INFINITY : this.clock.now() + fault.forMs;
    const active = { fault, until, left: fault.times ?? Number.POSITIVE_INFINITY };
    this.#active.add(active);
    return () => this.#active.delete(active);
  }

  clear(): void {
    this.#active.clear();
  }

  /** Returns the oldest fault for this request, and counts it as used. */
  take(target: FaultTarget): StorageFault | undefined {
    const now = this.clock.now();
    for (const active of this.#active) {
      if (now >= active.until || active.left <= 0) this.#active.delete(active);
      else if (isMeant(active.fault, target)) {
        active.left -= 1;
        return active.fault;
      }
    }
    return undefined;
  }
}

const isMeant = ({ operations, bucket, name }: StorageFault, target: FaultTarget): boolean =>
  (operations?.includes(target.operation) ?? true) &&
  (bucket === undefined || bucket === target.bucket) &&
  (name?.test(target.name) ?? true);
