import { withoutKeys } from '../core/keys';
import type { Clock, Log } from '../ports/stores';

/**
 * `write` gets one whole line, without any secret: nothing should ever log one, this is the second lock. Without a
 * clock the lines have no time: Cloud Logging puts its own.
 */
export function jsonLog(write: (line: string) => void = toStdout, clock?: Pick<Clock, 'now'>): Log {
  const log =
    (severity: 'INFO' | 'WARNING' | 'ERROR') =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
      const time = clock === undefined ? {} : { time: new Date(clock.now()).toISOString() };
      write(withoutKeys(JSON.stringify({ event, severity, ...time, ...fields }, readable)));
    };
  return { info: log('INFO'), warn: log('WARNING'), error: log('ERROR') };
}

const LEVELS = ['info', 'warn', 'error'] as const;

/** `log` without the lines below a level, which may change. */
export function withLevel(log: Log, level: () => keyof Log): Log {
  const at = (own: keyof Log): Log[keyof Log] => {
    return (...line) => {
      if (LEVELS.indexOf(own) >= LEVELS.indexOf(level())) log[own](...line);
    };
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

function toStdout(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** JSON has no errors and no bigints: both as text. */
function readable(_key: string, value: unknown): unknown {
  if (value instanceof Error) return describe(value);
  return typeof value === 'bigint' ? value.toString() : value;
}

function describe(error: Error): string {
  const text = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? `${text}\ncaused by ${describe(error.cause)}` : text;
}
