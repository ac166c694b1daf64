import type Hls from 'hls.js';

export type HlsClass = typeof Hls;

/**
 * Parts of a multivariant playlist for which the small build of hls.js is not enough: sound in a rendition of its own,
 * keys of a DRM system, variables, content steering, and codecs in MPEG-TS beyond H.264, AAC and MP3. A picture without
 * sound, or sound without a picture, may be encrypted, which only its media playlist says.
 */
const WHOLE_ONLY =
  /^#EXT-X-(MEDIA|SESSION-KEY|DEFINE|CONTENT-STEERING):|^#EXT-X-STREAM-INF:.*CODECS="([^"]*\b(hvc1|hev1|av01|ac-3|ec-3)|(avc1|mp4a)\.[\w.]+")/m;

export const needsWholeHls = (index: string): boolean => WHOLE_ONLY.test(index);

/**
 * Loads hls.js for a stream with this multivariant playlist. The small build is two thirds of the whole, and the page
 * has asked for it before (`modulepreload` in watch.html). Rejects when the file does not come.
 */
export async function loadHls(index: string): Promise<HlsClass> {
  const { default: found } = needsWholeHls(index) ? await import('hls.js') : await import('hls.js/light');
  return found;
}

/** Returns whether hls.js can run, wherever it does: some browsers say they play HLS themselves and do it badly. */
export const canUseHls = (): boolean => 'MediaSource' in window || 'ManagedMediaSource' in window;
