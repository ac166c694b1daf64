import { Following } from '../../../web/watch/players/following';

type Target = ConstructorParameters<typeof Following>[0];
interface Playlist {
  readonly targetduration: number;
  readonly partTarget: number;
  readonly partHoldBack: number;
}

const LOW: Playlist = { targetduration: 2, partTarget: 0.5, partHoldBack: 1.5 };
const PLAIN: Playlist = { targetduration: 2, partTarget: 0, partHoldBack: 0 };

function rig(playlist?: Playlist) {
  const config: Target['config'] = { maxLiveSyncPlaybackRate: 1 };
  const hls = {
    config,
    latestLevelDetails: playlist ?? null,
    sets: 0,
    get targetLatency() {
      return config.liveSyncDuration ?? null;
    },
    set targetLatency(seconds: number | null) {
      this.sets += 1;
      config.liveSyncDuration = seconds ?? 0;
    },
  };
  const video = { playbackRate: 1 };
  return { hls, video, config, following: new Following(hls, video, 3) };
}

describe('the distance that a player keeps from the broadcast', () => {
  it.each<[string, Playlist, object]>([
    [
      'of low latency is the one that its playlist names, caught up to fast',
      LOW,
      { liveSyncDuration: 1.5, liveMaxLatencyDuration: 4.5, maxLiveSyncPlaybackRate: 1.5 },
    ],
    [
      'of an ordinary playlist is three segments, caught up to slowly',
      PLAIN,
      { liveSyncDuration: 6, liveMaxLatencyDuration: 18, maxLiveSyncPlaybackRate: 1.1 },
    ],
  ])('%s', (_title, playlist, settings) => {
    expect(rig(playlist).config).toEqual(settings);
  });

  it('is that of the newest playlist, with parts or without', () => {
    const { hls, config, following } = rig(LOW);
    hls.latestLevelDetails = PLAIN;
    following.apply();
    expect(config).toMatchObject({ liveSyncDuration: 6, maxLiveSyncPlaybackRate: 1.1 });
    hls.latestLevelDetails = LOW;
    following.apply();
    expect(config).toMatchObject({ liveSyncDuration: 1.5, maxLiveSyncPlaybackRate: 1.5 });
  });

  it('is set once and not at every playlist, which would make the player forget its stalls', () => {
    const { hls, following } = rig(LOW);
    for (let version = 0; version < 5; version += 1) following.apply();
    expect(hls.sets).toBe(1);
  });

  it('leaves a viewer who sought in place, and at the speed of the broadcast', () => {
    const { video, config, following } = rig(LOW);
    video.playbackRate = 1.5;
    following.set({ follows: false });
    expect(config).toMatchObject({ liveMaxLatencyDuration: Number.POSITIVE_INFINITY, maxLiveSyncPlaybackRate: 1 });
    expect(video.playbackRate).toBe(1);
  });

  it('is far more on a network that gives too little, and what it was once that is over', () => {
    const { config, following } = rig(LOW);
    following.set({ spares: true });
    expect(config).toMatchObject({ liveSyncDuration: 12, maxLiveSyncPlaybackRate: 1 });
    following.set({ spares: false });
    expect(config).toMatchObject({ liveSyncDuration: 1.5, maxLiveSyncPlaybackRate: 1.5 });
  });

  it('is left to hls.js until there is a playlist', () => {
    expect(rig().config).toEqual({ maxLiveSyncPlaybackRate: 1.1 });
  });
});
