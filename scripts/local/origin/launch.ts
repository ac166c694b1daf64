export const BUILT_IN = 'built-in';

/** The way in which one kind of origin runs. */
export interface Launch {
  readonly label: string;
  /** Writes what the process needs into an empty folder of its own, which goes when the origin stops. */
  prepare(runFolder: string): Promise<LaunchCommand>;
}

export interface LaunchCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A channel to this process, with which the origin ends when this process does: our own Node programs only. */
  readonly channel: boolean;
  /** For a process that is only the handle of the real one: how that one is killed. */
  readonly killHard?: () => Promise<void>;
}
