import {
  advanceCmafIndex,
  cmafMultivariant,
  type OfferedRendition,
} from '../../../../functions/core/delivery/cmaf-index';
import { checkPlaylist } from '../../../../scripts/tools/check-hls/rules';

const SOUND: OfferedRendition = {
  name: 'audio',
  kind: 'audio',
  uri: '/audio.m3u8',
  attributes: { bandwidth: 136_000, averageBandwidth: 128_000, codecs: 'mp4a.40.2', channels: 2 },
};
const picture = (name: string, bandwidth: number): OfferedRendition => ({
  name,
  kind: 'video',
  uri: `/${name}.m3u8`,
  attributes: {
    bandwidth,
    averageBandwidth: bandwidth - 50_000,
    codecs: 'avc1.64001f',
    width: 1280,
    height: 720,
    frameRate: 25,
  },
});

describe('the multivariant playlist of a stream in CMAF', () => {
  it('has every picture with the one sound, best first, and the sound alone', () => {
    const text = cmafMultivariant([SOUND, picture('480p', 1_000_000), picture('source', 3_000_000)]);
    expect(checkPlaylist(text)).toEqual([]);
    expect(text.split('\n')).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:6',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="/audio.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=3136000,AVERAGE-BANDWIDTH=3078000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO="audio"',
      '/source.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=1136000,AVERAGE-BANDWIDTH=1078000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO="audio"',
      '/480p.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=136000,AVERAGE-BANDWIDTH=128000,CODECS="mp4a.40.2",AUDIO="audio"',
      '/audio.m3u8',
      '',
    ]);
  });

  it('names no sound for a picture without one, and no group for sound without a picture', () => {
    expect(cmafMultivariant([picture('source', 3_000_000)])).not.toContain('AUDIO');
    expect(cmafMultivariant([{ ...picture('source', 136_000), attributes: SOUND.attributes }])).not.toContain(
      'EXT-X-MEDIA',
    );
  });

  it('leaves a rendition out that is not offered any more, and never says less bandwidth than before', () => {
    const news = {
      broadcast: 'b1-aaaaaaaa',
      ordinal: 1,
      renditions: [picture('source', 3_000_000), picture('480p', 1_000_000)],
    };
    const before = advanceCmafIndex(undefined, news);
    const after = advanceCmafIndex(before, { ...news, renditions: [picture('source', 2_000_000)] });
    expect(after?.text).toContain('BANDWIDTH=3000000');
    expect(after?.text).not.toContain('480p');
  });

  it('stays as it is for the same again, and for a session that was followed by another', () => {
    const news = { broadcast: 'b1-aaaaaaaa', ordinal: 2, renditions: [picture('source', 3_000_000)] };
    const state = advanceCmafIndex(undefined, news);
    expect(advanceCmafIndex(state, news)).toBeUndefined();
    expect(
      advanceCmafIndex(state, { ...news, ordinal: 1, renditions: [picture('source', 9_000_000)] }),
    ).toBeUndefined();
  });
});
