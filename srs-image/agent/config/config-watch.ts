import { pauseAfter } from '../../../functions/app/backoff';
import type { AgentEnv } from '../../../functions/contract/env/agent';
import type { Clock, Log } from '../../../functions/ports/stores';
import { reasonOf } from '../runtime/reason';
import { checkSettings, type SettingsInForce } from './settings';

/**
 * Source of the configuration: its text, and a tag that changes with it. With `known` it waits for another one, minutes
 * at most.
 */
export type ConfigSource = (known: string | undefined, stop: AbortSignal) => Promise<{ text: string; etag: string }>;

export interface ConfigWatchDeps {
  /** The configuration the agent starts with. */
  env: AgentEnv;
  source: ConfigSource;
  clock: Pick<Clock, 'sleep'>;
  log: Log;
}

/** Between two questions, should the source not wait. */
const PAUSES = { firstMs: 1000, lastMs: 60_000 };

/**
 * Takes over a changed configuration while the agent runs; one that is wrong is refused whole, and what was in force
 * stays.
 */
export class ConfigWatch {
  private failures = 0;
  private known: string | undefined;
  private env: AgentEnv;

  constructor(private readonly deps: ConfigWatchDeps) {
    this.env = deps.env;
  }

  /** Answers the settings in force. */
  readonly inForce: SettingsInForce = () => this.env;

  /** Until `stop`. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.look(this.known, stop);
      await this.deps.clock.sleep(pauseAfter(PAUSES, this.failures + 1));
    }
  }

  /** At once, and told in any case: somebody asked for it. */
  async reload(stop: AbortSignal): Promise<void> {
    this.deps.log.info('config_asked');
    this.known = undefined;
    await this.look(undefined, stop);
  }

  private async look(known: string | undefined, stop: AbortSignal): Promise<void> {
    const { source, log } = this.deps;
    try {
      const { text, etag } = await source(known, stop);
      if (this.failures > 0) log.info('config_readable', { failures: this.failures });
      this.failures = 0;
      if (stop.aborted || etag === this.known) return;
      this.known = etag;
      this.take(text);
    } catch (error) {
      if (stop.aborted) return;
      this.failures += 1;
      if (this.failures === 1) log.warn('config_unreadable', { error: reasonOf(error) });
    }
  }

  private take(text: string): void {
    const { log } = this.deps;
    const { env } = this;
    const verdict = checkSettings(env, text);
    if (verdict.kind === 'refused') log.error('config_refused', { problems: verdict.problems });
    if (verdict.kind !== 'changed') return;
    const values = Object.fromEntries(
      verdict.fields.map((field) => [field, { before: Reflect.get(env, field), now: Reflect.get(verdict.env, field) }]),
    );
    this.env = verdict.env;
    log.info('config_changed', values);
  }
}
