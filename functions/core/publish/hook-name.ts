import type { RefusalCode, RelayedHook } from '../../contract/hooks/srs';
import { LIVE_APP, StreamId } from '../../contract/ids';
import { withoutKeys } from '../keys';

export interface HookRefusal {
  error: RefusalCode;
  message: string;
}

/** SRS takes any text as app and stream, `../` too, and writes files by them: only well-formed names go on. */
export function refusedApp({ app }: Pick<RelayedHook, 'app'>): HookRefusal | undefined {
  return app === LIVE_APP ? undefined : { error: 'wrong_app', message: `app '${shown(app)}': use '${LIVE_APP}'` };
}

export function streamIdOf({ stream }: { stream: string }): { id: StreamId } | HookRefusal {
  const parsed = StreamId.safeParse(stream);
  if (parsed.success) return { id: parsed.data };
  return { error: 'malformed_stream', message: `stream '${shown(stream)}': use 16 of a-z, 0-9` };
}

/** People paste the key where the id belongs. */
const shown = (text: string): string => withoutKeys(text).slice(0, 64);
