/** Something a person can put right: `message` is the whole story, one sentence. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
