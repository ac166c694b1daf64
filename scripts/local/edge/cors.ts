import type { CorsRule } from '../../emulators/gcs/bucket';

export interface CorsRequest {
  readonly origin: string | undefined;
  /** The method of the request; for a preflight, the method that it names. */
  readonly method: string;
}

const matches = (rule: CorsRule, { origin, method }: CorsRequest): boolean =>
  origin !== undefined &&
  (rule.origins.includes('*') || rule.origins.includes(origin)) &&
  rule.methods.includes(method);

const shared = (rule: CorsRule, origin: string): Record<string, string> => ({
  'access-control-allow-origin': rule.origins.includes('*') ? '*' : origin,
  ...(rule.origins.includes('*') ? {} : { vary: 'Origin' }),
});

/**
 * Returns the headers that Cloud Storage adds to an answer by its bucket's rules: none unless origin and method match
 * one.
 */
export function corsHeaders(rules: readonly CorsRule[], request: CorsRequest): Record<string, string> {
  const rule = rules.find((one) => matches(one, request));
  if (rule === undefined || request.origin === undefined) return {};
  const exposed = rule.responseHeaders.join(', ');
  return { ...shared(rule, request.origin), ...(exposed === '' ? {} : { 'access-control-expose-headers': exposed }) };
}

/** The answer to a preflight request. */
export function preflightHeaders(rules: readonly CorsRule[], request: CorsRequest): Record<string, string> {
  const rule = rules.find((one) => matches(one, request));
  if (rule === undefined || request.origin === undefined) return {};
  return {
    ...shared(rule, request.origin),
    'access-control-allow-methods': rule.methods.join(', '),
    'access-control-allow-headers': rule.responseHeaders.join(', '),
    'access-control-max-age': String(rule.maxAgeSeconds),
  };
}
