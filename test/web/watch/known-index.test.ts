import Hls, { type PlaylistLoaderContext } from 'hls.js';
import { loaderKnowing } from '../../../web/watch/players/known-index';

const PATH = '/open/p/abcdefgh01234567/index.m3u8';
const TEXT = '#EXTM3U\n';
// A type alone in the package's build.
const MANIFEST = 'manifest' as PlaylistLoaderContext['type'];

beforeAll(() => {
  Object.assign(globalThis, { location: { href: 'https://live.example.com/watch.html?id=abcdefgh01234567' } });
});

describe('a playlist that the page has read', () => {
  it('is given to hls.js without a request, at its whole address', async () => {
    const KnowingLoader = loaderKnowing(Hls, { path: PATH, text: TEXT });
    const context: PlaylistLoaderContext = {
      url: PATH,
      responseType: '',
      type: MANIFEST,
      level: 0,
      id: 0,
      deliveryDirectives: null,
      levelOrTrack: null,
    };
    const config = { loadPolicy: Hls.DefaultConfig.manifestLoadPolicy.default, timeout: 1 };
    const answer = await new Promise((resolve, reject) => {
      new KnowingLoader(Hls.DefaultConfig).load(
        context,
        { ...config, maxRetry: 0, retryDelay: 0, maxRetryDelay: 0 },
        { onSuccess: resolve, onError: reject, onTimeout: reject },
      );
    });
    expect(answer).toMatchObject({ url: `https://live.example.com${PATH}`, data: TEXT });
  });
});
