import type { StreamId } from '../../functions/contract/ids';
import type { Technology } from '../stream-link';

/** The address of the player alone, at the origin of `server`. That of a gated stream ends with `#grant=<token>`. */
export const embedUrl = (server: string, id: StreamId, technology: Technology): string =>
  `${new URL(server).origin}/embed.html?id=${id}${technology === 'auto' ? '' : `&tech=${technology}`}`;

/** HTML that puts this player into a page, 16:9 at any width. */
export const embedCode = (url: string): string =>
  [
    `<iframe src="${url.replaceAll('&', '&amp;')}" title="Live video"`,
    '  allow="autoplay; fullscreen; picture-in-picture" allowfullscreen',
    '  style="width: 100%; aspect-ratio: 16 / 9; border: 0"></iframe>',
  ].join('\n');
