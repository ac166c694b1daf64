import { needsWholeHls } from '../../../web/watch/players/load-hls';

const index = (attributes: string, line = '') =>
  `#EXTM3U\n#EXT-X-VERSION:6\n${line}#EXT-X-STREAM-INF:BANDWIDTH=1000000,${attributes}\nb1-abc/source.m3u8\n`;
const AVC = 'CODECS="avc1.64001f,mp4a.40.2"';

describe('the build of hls.js for a stream', () => {
  it.each([
    ['of SRS’s own segments', index(AVC)],
    ['of unknown codecs', index('RESOLUTION=1280x720')],
  ])('is the small one for one %s', (_what, text) => expect(needsWholeHls(text)).toBe(false));

  it.each([
    ['whose sound is a rendition', index(AVC, '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",URI="audio.m3u8"\n')],
    ['with subtitles', index(AVC, '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",URI="s.m3u8"\n')],
    ['with keys of a DRM system', index(AVC, '#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="skd://x"\n')],
    ['that is steered between CDNs', index(AVC, '#EXT-X-CONTENT-STEERING:SERVER-URI="steering.json"\n')],
    ['with pictures alone, which may be encrypted', index('CODECS="avc1.64001f"')],
    ['with sound alone, which may be encrypted', index('CODECS="mp4a.40.2"')],
    ['in HEVC', index('CODECS="hvc1.1.6.L93.B0,mp4a.40.2"')],
  ])('is the whole one for one %s', (_what, text) => expect(needsWholeHls(text)).toBe(true));
});
