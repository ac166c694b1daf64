import { createHash, timingSafeEqual } from 'node:crypto';

/** SHA-256 of bytes, or of a text's UTF-8, in lower-case hex. */
export const sha256Hex = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Compares two secrets in a time that reveals neither where they differ nor how long they are. */
export function equalSecrets(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(a), digest(b));
}
