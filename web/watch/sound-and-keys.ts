const VOLUME_ITEM = 'volume';

/** Storage may be full, or forbidden in a frame: then the volume is not kept. */
function keptVolume(): number | undefined {
  try {
    const kept = Number(localStorage.getItem(VOLUME_ITEM) ?? Number.NaN);
    return kept > 0 && kept <= 1 ? kept : undefined;
  } catch {
    return undefined;
  }
}

function keepVolume(volume: number): void {
  try {
    localStorage.setItem(VOLUME_ITEM, String(volume));
  } catch {
    // Without a stored volume, the browser's own is used at the next visit.
  }
}

/** Keeps the volume from visit to visit, but not whether the player is muted: browsers begin muted. */
export function wireVolume(video: HTMLVideoElement, signal: AbortSignal): void {
  video.volume = keptVolume() ?? video.volume;
  video.addEventListener('volumechange', () => video.volume > 0 && keepVolume(video.volume), { signal });
}

/** Actions of the usual keys of players: k or blank, m, f. */
const actionsOf = (video: HTMLVideoElement): Readonly<Record<string, () => unknown>> => ({
  k: () => (video.paused ? video.play() : video.pause()),
  ' ': () => (video.paused ? video.play() : video.pause()),
  m: () => {
    video.muted = !video.muted;
  },
  f: () => (document.fullscreenElement === null ? video.requestFullscreen() : document.exitFullscreen()),
});

/** Makes the keys work on the whole page, but not while a person types or presses a button. */
export function wireKeys(video: HTMLVideoElement, signal: AbortSignal): void {
  const actions = actionsOf(video);
  const press = (event: KeyboardEvent) => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target instanceof Element && target.closest('input, button, summary, a, select, textarea, video') !== null)
      return;
    const act = actions[key.toLowerCase()];
    if (act === undefined) return;
    event.preventDefault();
    void Promise.resolve(act()).catch(() => undefined);
  };
  document.addEventListener('keydown', press, { signal });
}
