export const BUILT_IN = 'built-in';

/** The launch of one kind of origin. */
export interface Launch {
  readonly label: string;
  /** Writes the files of the process into an empty folder of its own, which is removed when the origin stops. */
  prepare(runFolder: string): Promise<LaunchCommand>;
}

export interface LaunchCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** True for our own Node programs: a channel to this process, with which the origin ends when this process does. */
  readonly channel: boolean;
  /** Kills the real process, where this one only controls it. */
  readonly killHard?: () => Promise<void>;
}
