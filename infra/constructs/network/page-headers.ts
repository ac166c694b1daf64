/**
 * Content-Security-Policy of the pages: nothing but files of the same host, media that a script has put together, and
 * media of other CDNs by their origins.
 */
function sources(cdnOrigins: readonly string[]): string[] {
  const media = ["'self'", ...cdnOrigins].join(' ');
  return [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", `connect-src ${media}`, "worker-src 'self'"],
    // The page that makes the embed code shows the frame.
    ...[
      "frame-src 'self'",
      "img-src 'self' data:",
      `media-src ${media} blob:`,
      "base-uri 'none'",
      "form-action 'none'",
    ],
  ];
}

/** Response headers by name, of every answer of the public host. HSTS: for two years, as browsers' lists ask. */
export const HOST_HEADERS: Readonly<Record<string, string>> = {
  'Strict-Transport-Security': 'max-age=63072000',
  'X-Content-Type-Options': 'nosniff',
};

/** Response headers by name. */
type Headers = Readonly<Record<string, string>>;

/** Response headers of the pages that others may put in a frame: those a viewer watches in. */
export const framedPageHeaders = (cdnOrigins: readonly string[] = []): Headers => ({
  'Content-Security-Policy': sources(cdnOrigins).join('; '),
  'Referrer-Policy': 'no-referrer',
});

/**
 * Response headers by name, of every other page. These refuse a frame, in which an operator or publisher could be made
 * to click something hidden.
 */
export const pageHeaders = (cdnOrigins: readonly string[] = []): Headers => ({
  ...framedPageHeaders(cdnOrigins),
  'Content-Security-Policy': [...sources(cdnOrigins), "frame-ancestors 'none'"].join('; '),
  'X-Frame-Options': 'DENY',
});

/** Paths of the pages that may be framed. */
export const FRAMED_PAGES: readonly string[] = ['/watch.html', '/embed.html'];

/** Path of the page for addresses without one. */
export const NOT_FOUND_PAGE = '/404.html';
