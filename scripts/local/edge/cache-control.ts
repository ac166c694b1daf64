/**
 * Parses the directives of a Cache-Control value, lower-cased; a directive without a value has an empty one. RFC 9111
 * 5.2.
 */
function parseCacheControl(value: string | undefined): ReadonlyMap<string, string> {
  const directives = (value ?? '').split(',').map((part) => part.trim().toLowerCase());
  return new Map(
    directives
      .filter((part) => part !== '')
      .map((part) => {
        const [name = '', argument = ''] = part.split('=', 2);
        return [name.trim(), argument.trim().replaceAll('"', '')];
      }),
  );
}

const FORBIDDING = ['no-store', 'private', 'no-cache'];

/**
 * Returns the seconds for which Cloud CDN keeps an answer in mode USE_ORIGIN_HEADERS: `s-maxage` before `max-age`; 0
 * when it may not be kept. https://cloud.google.com/cdn/docs/caching#cacheability
 */
export function freshSeconds(cacheControl: string | undefined): number {
  const directives = parseCacheControl(cacheControl);
  if (FORBIDDING.some((name) => directives.has(name))) return 0;
  const seconds = directives.get('s-maxage') ?? directives.get('max-age') ?? '';
  return /^\d{1,9}$/.test(seconds) ? Number(seconds) : 0;
}
