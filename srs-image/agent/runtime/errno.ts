/**
 * Node's code of a failed system call, such as ENOENT. By shape: errors of Node's own modules need not be of this
 * realm's `Error`.
 */
export function errnoOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
