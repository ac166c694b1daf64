import type { Fields } from './json';

const STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  412: 'FAILED_PRECONDITION',
};

/** The value of `errors[].reason`, where it is older than `ErrorInfo.reason`: the provider looks at it. */
const OLDER: Readonly<Record<string, string>> = { SERVICE_DISABLED: 'accessNotConfigured' };

export interface RefusalOptions {
  /** The value of `errors[].reason` and of `ErrorInfo.reason`. */
  readonly reason?: string;
  /** True: Google accepts the request and fails the operation it started. @default false */
  readonly later?: boolean;
}

/** A refusal by the stand-in, in the words of the API that was called. */
export class RehearsalRefusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly status: number,
    message: string,
    readonly options: RefusalOptions = {},
  ) {
    super(message);
  }

  /** Returns the body of the answer. https://cloud.google.com/apis/design/errors */
  body(): Fields {
    const { reason = STATUS[this.status] ?? 'UNKNOWN' } = this.options;
    const { status: code, message } = this;
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' }];
    const errors = [{ message, reason: OLDER[reason] ?? reason, domain: 'global' }];
    return { error: { code, message, status: STATUS[code] ?? 'UNKNOWN', errors, details } };
  }
}
