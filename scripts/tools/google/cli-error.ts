import { StartError } from '../../emulators/server/start-error';
import { GoogleApiError } from './google-api';

/** A trouble that the person who ran a command can correct: `message` is the whole explanation, one sentence. */
export class CliError extends Error {
  override readonly name = 'CliError';
}

/** Tells whether an error's message is all that a person needs: a command's own, the local platform's, or Google's. */
export const isForPeople = (error: unknown): error is Error =>
  error instanceof CliError || error instanceof StartError || error instanceof GoogleApiError;
