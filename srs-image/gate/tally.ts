import { GATE_START_TIME } from '../../functions/contract/env/node-metrics';
import type { Log } from '../../functions/ports/stores';
import { type GateRefusal, REASONS, type Reason } from './refusal';

const MINUTE_MS = 60_000;
/** Beyond as many addresses in a minute lines are only counted. */
const ADDRESSES_LOGGED = 1000;
/** The characters of a client's text that are logged. */
const SAID_CHARACTERS = 200;

/** Counts what goes through and what is refused. One line for an address and minute, whatever it does. */
export class Tally {
  connections = 0;
  readonly bytes = { in: 0, out: 0 };
  private readonly refused = new Map<Reason, number>(REASONS.map((reason) => [reason, 0]));
  private readonly logged = new Map<string, number>();
  private minute = 0;

  /** `since`: Unix milliseconds at which counting begins; told as the next whole second. */
  constructor(
    private readonly log: Log,
    private readonly since = 0,
  ) {}

  refuse(address: string, { reason, message }: GateRefusal, now: number): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
    this.turn(now);
    const before = this.logged.get(address);
    if (before !== undefined || this.logged.size < ADDRESSES_LOGGED) this.logged.set(address, (before ?? 0) + 1);
    if (before !== undefined || !this.logged.has(address)) return;
    this.log.warn('rtmp_refused', { address, reason, message: message.slice(0, SAID_CHARACTERS) });
  }

  /** A new minute: what was not told of the one before is told as a number. */
  turn(now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute === this.minute) return;
    const unannounced = [...this.logged.values()].reduce((sum, count) => sum + count - 1, 0);
    if (unannounced > 0) this.log.warn('rtmp_refused_more', { connections: unannounced, addresses: this.logged.size });
    this.logged.clear();
    this.minute = minute;
  }

  /** In Prometheus's text format. `open`: connections now. */
  text(open: number): string {
    const { bytes, connections, refused } = this;
    return [
      `# TYPE ${GATE_START_TIME} gauge`,
      `${GATE_START_TIME} ${Math.ceil(this.since / 1000)}`,
      '# TYPE gate_open_connections gauge',
      `gate_open_connections ${open}`,
      '# TYPE gate_connections_total counter',
      `gate_connections_total ${connections}`,
      '# TYPE gate_bytes_total counter',
      `gate_bytes_total{direction="in"} ${bytes.in}`,
      `gate_bytes_total{direction="out"} ${bytes.out}`,
      '# TYPE gate_refused_total counter',
      ...[...refused].map(([reason, count]) => `gate_refused_total{reason="${reason}"} ${count}`),
      '',
    ].join('\n');
  }
}
