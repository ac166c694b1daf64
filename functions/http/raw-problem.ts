import { randomBytes } from 'node:crypto';

/** Failures that nobody throws: they are found before there is a request to handle. */
const KINDS = {
  bad_request: { status: 400, title: 'Bad Request' },
  method_not_allowed: { status: 405, title: 'Method Not Allowed' },
  request_timeout: { status: 408, title: 'Request Timeout' },
  body_too_large: { status: 413, title: 'Content Too Large' },
  expectation_failed: { status: 417, title: 'Expectation Failed' },
  headers_too_large: { status: 431, title: 'Request Header Fields Too Large' },
  internal: { status: 500, title: 'Internal Server Error' },
} as const;

export interface RawProblem {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** A problem (RFC 9457) for what is no request, or none that a handler can see. */
export function rawProblem(code: keyof typeof KINDS, detail: string): RawProblem {
  const requestId = randomBytes(10).toString('hex');
  const body = JSON.stringify({ type: 'about:blank', ...KINDS[code], code, detail, requestId });
  const headers = {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'X-Request-Id': requestId,
  };
  return { status: KINDS[code].status, headers, body };
}

/** The same as the bytes of an answer after which the connection ends. */
export function rawAnswer({ status, headers, body }: RawProblem): string {
  const all = { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${body}`;
}
