/** A trouble that a person can correct: `message` is the whole explanation, one sentence. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
