/** Just enough of ISO/IEC 13818-1 to cut a stream that ffmpeg wrote. */

export const PACKET_BYTES = 188;
/** Timestamps count 90 kHz in 33 bits. */
const WRAP = 2 ** 33;

export interface AccessUnit {
  readonly pid: number;
  /** Decoding time, 90 kHz. */
  readonly dts: number;
  readonly keyFrame: boolean;
}

export const pidOf = (packet: Buffer): number => packet.readUInt16BE(1) & 0x1fff;

const startsUnit = (packet: Buffer): boolean => (packet.readUInt8(1) & 0x40) !== 0;

function payloadOf(packet: Buffer): Buffer {
  const control = packet.readUInt8(3) & 0x30;
  if ((control & 0x10) === 0) return packet.subarray(PACKET_BYTES);
  return packet.subarray((control & 0x20) === 0 ? 4 : 5 + packet.readUInt8(4));
}

const isRandomAccess = (packet: Buffer): boolean =>
  (packet.readUInt8(3) & 0x20) !== 0 && packet.readUInt8(4) > 0 && (packet.readUInt8(5) & 0x40) !== 0;

const time = (bytes: Buffer): number =>
  (bytes.readUInt8(0) & 0x0e) * 2 ** 29 + (bytes.readUInt16BE(1) >> 1) * 2 ** 15 + (bytes.readUInt16BE(3) >> 1);

/** The frame that begins in this packet; `undefined` if none does. ISO/IEC 13818-1 2.4.3.6. */
export function accessUnitOf(packet: Buffer): AccessUnit | undefined {
  if (!startsUnit(packet)) return undefined;
  const pes = payloadOf(packet);
  if (pes.length < 19 || pes.readUIntBE(0, 3) !== 1) return undefined;
  const flags = pes.readUInt8(7) >> 6;
  if (flags === 0) return undefined;
  return { pid: pidOf(packet), dts: time(pes.subarray(flags === 3 ? 14 : 9)), keyFrame: isRandomAccess(packet) };
}

/** PID of the program map a program association names; of one program only, as ffmpeg writes it. */
export function programMapPid(packet: Buffer): number {
  const section = payloadOf(packet);
  return section.readUInt16BE(1 + section.readUInt8(0) + 10) & 0x1fff;
}

/** H.262, MPEG-4, H.264, H.265. */
const VIDEO_TYPES: readonly number[] = [0x02, 0x10, 0x1b, 0x24];

/** PID of the video in a program map of one packet; `undefined` if there is only audio. */
export function videoPid(packet: Buffer): number | undefined {
  const section = payloadOf(packet);
  const table = section.subarray(1 + section.readUInt8(0));
  const end = 3 + (table.readUInt16BE(1) & 0x0fff) - 4;
  let at = 12 + (table.readUInt16BE(10) & 0x0fff);
  while (at + 5 <= end) {
    if (VIDEO_TYPES.includes(table.readUInt8(at))) return table.readUInt16BE(at + 1) & 0x1fff;
    at += 5 + (table.readUInt16BE(at + 3) & 0x0fff);
  }
  return undefined;
}

/** `to - from` in milliseconds, through the wrap; negative if time went back. */
export function elapsedMs(from: number, to: number): number {
  const ticks = (((to - from) % WRAP) + WRAP) % WRAP;
  return (ticks < WRAP / 2 ? ticks : ticks - WRAP) / 90;
}
