import { get, type Served } from './client';

export const urisOf = (text: string): string[] =>
  text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));

/** Returns the first media playlist of the index, and its URL; `undefined` as long as there is none. */
export async function livePlaylist(hls: string): Promise<(Served & { url: string }) | undefined> {
  const index = await get(hls);
  const [variant] = index.status === 200 ? urisOf(index.text) : [];
  if (variant === undefined) return undefined;
  const url = new URL(variant, hls).href;
  const playlist = await get(url);
  return playlist.status === 200 ? { ...playlist, url } : undefined;
}

/** Returns the faults in the headers of an answer; an empty list is right. */
export function headerProblems(
  { headers }: Pick<Served, 'headers'>,
  wanted: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(wanted).flatMap(([name, value]) =>
    headers.get(name) === value ? [] : [`${name} is '${headers.get(name) ?? ''}', not '${value}'`],
  );
}
