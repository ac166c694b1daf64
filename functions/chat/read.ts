import type { RoomReader } from '../app/chat/live-room';
import type { LiveRooms } from '../app/chat/live-rooms';
import type { RightToRead } from '../app/chat/rights';
import { CHAT_OFF } from '../contract/chat/settings';
import type { Clock } from '../ports/stores';
import { ReaderConnection } from './connection';
import type { ReaderConnections } from './connections';
import { roomEvent } from './events';

/** A connection lasts this long, and by chance up to half as long again, so that readers do not all move at once. */
const CONNECTION_MS = 600_000;
/** Readers that lost their instance come back spread over this time. */
const RETRY_MS = 1000;
const RETRY_SPREAD_MS = 4000;
const NEVER = Number.POSITIVE_INFINITY;

export interface ReadDeps {
  liveRooms: LiveRooms;
  connections: ReaderConnections;
  clock: Clock;
  /** A whole number below `max`, by chance. */
  randomInt(max: number): number;
}

interface ReadRequest {
  right: RightToRead;
  address: string;
  /** The header: text of a client. */
  lastEventId: string | undefined;
}

/** Opens a connection to a room: `room`, then what the reader does not have, then what comes. */
export async function openConnection(
  { right: { stream, until = NEVER, you }, address, lastEventId }: ReadRequest,
  { liveRooms, connections, clock, randomInt }: ReadDeps,
): Promise<ReadableStream<Uint8Array>> {
  connections.assertRoom(address);
  const { slowSeconds, retentionHours } = stream.chat ?? CHAT_OFF;
  let leave: (() => void) | undefined;
  const ends = { reconnectAt: clock.now() + CONNECTION_MS + randomInt(CONNECTION_MS / 2), expiresAt: until };
  const connection = new ReaderConnection(ends, you, () => {
    leave?.();
    connections.remove(connection);
  });
  connections.add(connection, address);
  const shown = you && { you: { sender: you.sender, name: you.name, role: you.role } };
  const reader: RoomReader = {
    began({ resumed, entries }) {
      connection.write(roomEvent({ resumed, slowSeconds, ...shown }, RETRY_MS + randomInt(RETRY_SPREAD_MS)));
      const now = clock.now();
      const oldest = now - retentionHours * 3_600_000;
      connection.writeEntries(
        entries.filter(({ at }) => at > oldest),
        now,
      );
    },
    heard: (entries) => connection.writeEntries(entries, clock.now()),
    ended: (reason) => connection.end(reason),
  };
  try {
    leave = await liveRooms.join(stream.id, { reader, after: numberOf(lastEventId) });
  } catch (error) {
    connections.remove(connection);
    throw error;
  }
  if (connection.isClosed) leave();
  return connection.body;
}

/** Anything but a number of an entry is no number: the reader begins with the history. */
const numberOf = (lastEventId: string | undefined): number | undefined =>
  lastEventId !== undefined && /^[1-9][0-9]{0,11}$/.test(lastEventId) ? Number(lastEventId) : undefined;
