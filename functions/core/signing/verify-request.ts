import type { SigningKey } from '../../contract/signing-keys';
import { equalSecrets } from './hash';
import { fromBase64Url } from './hmac';
import { CDN_COOKIE, SIGNATURE_FIELDS, signatureOf, urlPrefix } from './sign-request';

/** A request as the client sent it. */
export interface SignedRequest {
  /** `https://host`: scheme and host the client used; a port is left out of the comparison. */
  origin: string;
  /** The path that is served, `..` resolved, still percent-encoded. */
  path: string;
  /** The query as it stands in the request, without `?`. */
  query: string;
  /** The Cookie header. */
  cookie: string | undefined;
}

/** `unsigned` is no refusal: Cloud CDN hands such a request to the bucket, which decides. */
export type RequestVerification =
  | { kind: 'unsigned' }
  | { kind: 'valid'; expires: number }
  | { kind: 'refused'; why: string };

/**
 * Judges, as Cloud CDN does, a request to a backend with `keys`. A request is signed by a `Signature` in its query or
 * by the cookie; the query counts first. A wrong one is refused, never treated as unsigned.
 * https://cloud.google.com/cdn/docs/using-signed-urls#security_considerations
 */
export function verifyRequest(request: SignedRequest, keys: readonly SigningKey[], nowMs: number): RequestVerification {
  const signed = fromQuery(request) ?? fromCookie(request);
  if (signed === undefined) return { kind: 'unsigned' };
  const why = typeof signed === 'string' ? signed : refusalOf(signed, { request, keys, nowMs });
  if (why !== undefined) return { kind: 'refused', why };
  return { kind: 'valid', expires: typeof signed === 'string' ? 0 : signed.expires };
}

/** `text`: what the signature is of. `prefix` is absent when it is of one whole URL. */
interface Claim {
  text: string;
  prefix?: string;
  expires: number;
  keyName: string;
  signature: string;
}

interface Verification {
  request: SignedRequest;
  keys: readonly SigningKey[];
  nowMs: number;
}

function refusalOf(claim: Claim, { request, keys, nowMs }: Verification): string | undefined {
  const key = keys.find(({ name }) => name === claim.keyName);
  if (key === undefined) return 'KeyName: the backend has no such key';
  if (!equalSecrets(signatureOf(claim.text, key), claim.signature)) return 'Signature: it does not match the request';
  if (nowMs >= claim.expires * 1000) return 'Expires: the signature has expired';
  const { prefix } = claim;
  const url = urlPrefix(request.origin, request.path);
  return prefix === undefined || url.startsWith(prefix) ? undefined : 'URLPrefix: the URL is not under it';
}

function fromQuery({ origin, path, query }: SignedRequest): Claim | string | undefined {
  const pairs = query.split('&');
  const at = pairs.findIndex((pair) => pair.startsWith('Signature='));
  if (at < 0) return undefined;
  const named = pairs.some((pair) => pair.startsWith('URLPrefix='));
  if (named) return policyClaim(pairs.slice(Math.max(at - 3, 0), at + 1), '&');
  if (at !== pairs.length - 1) return 'Signature: it must be the last parameter, because nothing after it is signed';
  const rest = pairs.slice(0, -1).join('&');
  const fields = fieldsOf(pairs.slice(-3), SIGNATURE_FIELDS.slice(1));
  return fields === undefined ? MALFORMED : claimOf(`${urlPrefix(origin, path)}?${rest}`, fields);
}

function fromCookie({ cookie }: SignedRequest): Claim | string | undefined {
  const value = cookie
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${CDN_COOKIE}=`))
    ?.slice(CDN_COOKIE.length + 1);
  return value === undefined ? undefined : policyClaim(value.split(':'), ':');
}

const MALFORMED =
  'the signature must be URLPrefix (unless it signs one URL), Expires, KeyName, Signature, in this order';

function policyClaim(pairs: readonly string[], separator: string): Claim | string {
  const fields = fieldsOf(pairs, SIGNATURE_FIELDS);
  const prefix = fromBase64Url(fields?.URLPrefix ?? '');
  if (fields === undefined || prefix === undefined || prefix === '') return MALFORMED;
  const claim = claimOf(pairs.slice(0, -1).join(separator), fields);
  return typeof claim === 'string' ? claim : { ...claim, prefix };
}

type QueryFields = Partial<Record<(typeof SIGNATURE_FIELDS)[number], string>>;

/** The values, if the pairs are exactly those fields in that order. */
function fieldsOf(
  pairs: readonly string[],
  names: readonly (typeof SIGNATURE_FIELDS)[number][],
): QueryFields | undefined {
  if (pairs.length !== names.length || names.some((name, index) => !pairs[index]?.startsWith(`${name}=`)))
    return undefined;
  return Object.fromEntries(names.map((name, index) => [name, pairs[index]?.slice(name.length + 1)]));
}

function claimOf(text: string, { Expires = '', KeyName = '', Signature = '' }: QueryFields): Claim | string {
  if (!/^[1-9][0-9]{0,11}$/.test(Expires)) return MALFORMED;
  return { text, expires: Number(Expires), keyName: KeyName, signature: Signature };
}
