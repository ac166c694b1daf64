import type { ObjectStore, SendResult, StreamStore } from '../../../functions/ports/stores';
import type { SrsApi } from '../../../srs-image/agent/runtime/ports';
import type { Spool } from '../../../srs-image/agent/session/ports';

/** The faults of the hostile tenant in everything that is done for it; nothing of it is done for anybody else. */
export interface Malice {
  /** The tenant's stream: what names it may be spoiled. */
  streamId: string;
  /** Returns the fault of some work for the stream; undefined: it is done as it should be. */
  spoil(what: 'spool' | 'store' | 'document' | 'kick'): 'throws' | 'hangs' | undefined;
  /** Answers as the tenant's receiver does. */
  receive(): SendResult | Promise<SendResult>;
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** `work`, unless it is the hostile tenant's and goes wrong. */
async function unlessSpoiled<T>(
  how: 'throws' | 'hangs' | undefined,
  failure: string,
  work: () => Promise<T>,
): Promise<T> {
  if (how === 'hangs') return never();
  if (how === 'throws') throw new Error(failure);
  return work();
}

export function spoiledStreams(malice: Malice | undefined, streamStore: StreamStore): StreamStore {
  return {
    ...streamStore,
    changeStream: (id, decide) => {
      const how = id === malice?.streamId ? malice.spoil('document') : undefined;
      return unlessSpoiled(how, 'the document is locked', () => streamStore.changeStream(id, decide));
    },
  };
}

export function spoiledStore(malice: Malice | undefined, store: ObjectStore): ObjectStore {
  const howOf = (name: string) =>
    malice !== undefined && name.includes(malice.streamId) ? malice.spoil('store') : undefined;
  return {
    ...store,
    read: (name) => unlessSpoiled(howOf(name), '503', () => store.read(name)),
    write: (name, content, options) => unlessSpoiled(howOf(name), '503', () => store.write(name, content, options)),
  };
}

export function spoiledSpool(malice: Malice | undefined, disk: Spool): Spool {
  const check = (streamId: string) => {
    if (streamId === malice?.streamId && malice.spoil('spool') !== undefined) throw new Error('ENOSPC');
  };
  return {
    ...disk,
    append(ref, record) {
      check(ref.streamId);
      disk.append(ref, record);
    },
    replace(ref, state) {
      check(ref.streamId);
      disk.replace(ref, state);
    },
    link(ref, index, path) {
      check(ref.streamId);
      return disk.link(ref, index, path);
    },
  };
}

/** SRS, that lets nobody go whose client id begins as the hostile tenant's do. */
export function spoiledSrs(malice: Malice | undefined, clientIds: string, api: SrsApi): SrsApi {
  return {
    ...api,
    kick: (clientId) => {
      const how = clientId.startsWith(clientIds) ? malice?.spoil('kick') : undefined;
      return unlessSpoiled(how, 'SRS answered DELETE with 500', () => api.kick(clientId));
    },
  };
}
