import * as z from 'zod/mini';
import type { ServerEvent } from './server-events';

const role = z.enum(['viewer', 'moderator']);
const number = z.number();
const Line = z.object({ number, sender: z.string(), name: z.string(), role, text: z.string() });
const You = z.object({ sender: z.string(), name: z.string(), role });
const EndReason = z.enum(['reconnect', 'expired', 'banned', 'closed']);
const Restriction = z.optional(z.enum(['mute', 'ban']));

/** The fields that the pane uses; the contract's own schemas bring all of zod into the page. */
const RoomEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('room'),
    data: z.object({ resumed: z.boolean(), slowSeconds: number, you: z.optional(You) }),
  }),
  z.object({ kind: z.literal('message'), data: Line }),
  z.object({ kind: z.literal('deletion'), data: z.object({ of: number }) }),
  z.object({ kind: z.literal('slow_mode'), data: z.object({ slowSeconds: number }) }),
  z.object({ kind: z.literal('restriction'), data: z.object({ sender: z.string(), restriction: Restriction }) }),
  z.object({ kind: z.literal('end'), data: z.object({ reason: EndReason }) }),
]);

/** An event of a room that the pane knows. */
export type RoomEvent = z.infer<typeof RoomEvent>;
export type ChatLine = z.infer<typeof Line>;
export type You = z.infer<typeof You>;
export type RoomEndReason = z.infer<typeof EndReason>;

/** Reads an event; `undefined` for one that this page does not know, or cannot read. */
export function readRoomEvent({ event: kind, data }: ServerEvent): RoomEvent | undefined {
  try {
    return RoomEvent.safeParse({ kind, data: JSON.parse(data) }).data;
  } catch {
    return undefined;
  }
}
