import { Session, type SessionOptions } from './session';

export type { HlsConstructor } from './hls';
export type { Session, SessionOptions } from './session';
export { SESSION_STATUS, type SessionStatus, STREAM_STATUS, type StreamStatus } from './statuses';
export type { Stream, StreamOptions } from './stream';
export type { TimedMetadata } from './timed-metadata';

/**
 * Begins a session with the platform at `urlServer`. Throws for an address that is none; a server that does not answer
 * is status FAILED.
 */
export const createSession = (options: SessionOptions = {}): Session => new Session(options);
