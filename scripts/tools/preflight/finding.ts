import type { GoogleApi } from '../google/google-api';
import type { StackJson } from '../google/stack-json';

/** The subject of a check, and, if it fails, the reason and the remedy. */
export interface Finding {
  readonly what: string;
  readonly missing?: string;
  readonly remedy?: string;
}

export interface CheckContext {
  readonly stack: StackJson;
  readonly bootstrap: StackJson;
  readonly api: GoogleApi;
}

export interface Check {
  readonly name: string;
  readonly run: (context: CheckContext) => Promise<readonly Finding[]>;
}
