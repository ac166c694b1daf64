import { z } from 'zod';

/** A release of SRS, as its `-v` says it. */
export const SrsVersion = z.string().regex(/^\d{1,3}\.\d{1,3}\.\d{1,4}$/, 'use the version of an SRS, such as 6.0.192');

/**
 * The first releases whose SRT does not end the whole server for what an unknown client sends (libsrt 1.5.6), by major
 * version: an older one is for known addresses alone, and better for none. https://github.com/ossrs/srs/issues/4727
 */
const SRT_SAFE_FROM: Readonly<Record<number, readonly [number, number]>> = { 6: [0, 192], 7: [0, 160], 8: [0, 29] };
const NEWEST_KNOWN = 8;

/** Returns whether clients may reach SRT of this SRS at all. */
export function isSrtSafe(version: string): boolean {
  const [major = 0, minor = 0, revision = 0] = version.split('.').map(Number);
  if (major > NEWEST_KNOWN) return true;
  const from = SRT_SAFE_FROM[major];
  return from !== undefined && (minor > from[0] || (minor === from[0] && revision >= from[1]));
}

/** The message for an SRS version that is not allowed. */
export const SRT_NOT_SAFE = 'needs SRS 6.0.192, 7.0.160, 8.0.29 or newer: any SRT client can crash older versions';
