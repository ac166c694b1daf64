import type { LineSink } from '../process/child-process';

/** A stream key anywhere in a line: encoders write it into the URLs of their errors. */
const STREAM_KEY = /sk_[a-z2-7]{32}/gi;

const REDRAW_TTY_MS = 1000;
const REDRAW_MS = 10_000;

interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/**
 * Shows logs and the status. On a terminal the status stays below the log and is drawn again; elsewhere it is written
 * again every ten seconds. `verbose`: every line of every part; otherwise only the lines that need attention.
 */
export class Console {
  private status: readonly string[] = [];
  private drawnLines = 0;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly out: Output,
    private readonly verbose: boolean,
  ) {}

  /** Shows a line only with `verbose`. */
  readonly detail: LineSink = (source, line) => {
    if (this.verbose) this.line(source, line);
  };

  readonly line: LineSink = (source, line) => {
    if (!this.verbose && (this.ended || !needsAttention(line))) return;
    this.erase();
    this.out.write(`${source.padEnd(13)} ${line.replace(STREAM_KEY, 'sk_***')}\n`);
    this.draw();
  };

  /** Shows the progress to a person who waits. */
  note(text: string): void {
    if (!this.verbose) this.out.write(`${text}\n`);
  }

  /** Asks for the status at an interval until `end`. */
  showStatus(ask: () => Promise<readonly string[]>): void {
    const redraw = async (): Promise<void> => {
      const status = await ask().catch(() => []);
      if (this.timer === undefined) return;
      this.erase();
      this.status = status;
      this.draw();
      if (!this.isTerminal) this.drawnLines = 0;
    };
    this.timer = setInterval(() => void redraw(), this.isTerminal ? REDRAW_TTY_MS : REDRAW_MS);
  }

  /** Stops the output for people: parts that end in order log errors about each other. */
  end(): void {
    this.ended = true;
    clearInterval(this.timer);
    this.timer = undefined;
    this.erase();
    this.status = [];
  }

  private get isTerminal(): boolean {
    return this.out.isTTY === true;
  }

  private draw(): void {
    if (this.status.length === 0 || (!this.isTerminal && this.drawnLines > 0)) return;
    this.out.write(this.status.map((line) => `${line}\n`).join(''));
    this.drawnLines = this.status.length;
  }

  /** Moves the cursor to the status's first line, and deletes everything below it. */
  private erase(): void {
    if (this.isTerminal && this.drawnLines > 0) this.out.write(`\u001b[${this.drawnLines}A\u001b[0J`);
    this.drawnLines = 0;
  }
}

/**
 * Tells whether a line needs attention: structured lines below WARNING are for files; all other lines are unexpected.
 */
const needsAttention = (line: string): boolean => !/"severity":"(DEBUG|INFO|NOTICE)"/.test(line) && line.trim() !== '';
