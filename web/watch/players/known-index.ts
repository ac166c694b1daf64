import type { HlsConfig } from 'hls.js';
import type { HlsClass } from './load-hls';

/** A multivariant playlist that the page has read already. */
export interface KnownIndex {
  readonly path: string;
  readonly text: string;
}

type PlaylistLoader = NonNullable<HlsConfig['pLoader']>;

/**
 * Makes hls.js's loader of playlists with one that is known: the first request for it is answered at once, which spares
 * a round trip before the first picture.
 */
export function loaderKnowing(Hls: HlsClass, { path, text }: KnownIndex): PlaylistLoader {
  const url = new URL(path, location.href).href;
  let isGiven = false;
  // The one loader of hls.js, which loads playlists too.
  const Base = Hls.DefaultConfig.loader as PlaylistLoader;
  return class extends Base {
    override load(...asked: Parameters<InstanceType<PlaylistLoader>['load']>): void {
      const [context, , { onSuccess }] = asked;
      if (isGiven || new URL(context.url, url).href !== url) {
        super.load(...asked);
        return;
      }
      isGiven = true;
      const now = performance.now();
      const { stats } = this;
      Object.assign(stats.loading, { start: now, first: now, end: now });
      Object.assign(stats, { loaded: text.length, total: text.length });
      // Not within the call: hls.js has still to remember its loader.
      queueMicrotask(() => onSuccess({ url, data: text, code: 200 }, stats, context, null));
    }
  };
}
