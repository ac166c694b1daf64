import { z } from 'zod';

/**
 * Matches scheme, host and port, as a browser sends them in `Origin`.
 * https://www.rfc-editor.org/rfc/rfc6454#section-6.2
 */
export const WEB_ORIGIN = /^https?:\/\/[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[1-9][0-9]{0,4})?$/;

/** The origin of a web page, by {@link WEB_ORIGIN}. */
export const WebOrigin = z
  .string()
  .regex(WEB_ORIGIN, "use an origin in lower case, like 'https://www.example.com'")
  .meta({ example: 'https://www.example.com' });
