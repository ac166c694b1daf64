/**
 * A part of the local stack. Started in order, stopped in reverse. `start` resolves when the part answers; a port that
 * is taken or a folder that cannot be written rejects with one sentence for people. `stop` leaves no process, listener
 * or temp file, and may be called twice.
 */
export interface LocalService {
  readonly name: string;
  start(): Promise<URL>;
  stop(): Promise<void>;
}
