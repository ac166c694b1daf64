/** The parts of node-media-server 4.4.3 that are used: its RTMP and FLV layers. It has no types of its own. */
declare module 'node-media-server/src/protocol/rtmp.js' {
  interface Packet {
    /** 8 audio, 9 video, 18 script. */
    readonly codec_type: number;
    /** 0 audio header, 1 audio, 2 video header, 3 key frame, 4 frame, 5 script, 6 video metadata. */
    readonly flags: number;
    /** Milliseconds. */
    readonly dts: number;
    readonly size: number;
    /** The parser's own buffer, overwritten by the next message: `size` bytes of it count. */
    readonly data: Buffer;
  }

  class Rtmp {
    streamId: number;
    /** Size of messages that come in; the sender's last SetChunkSize. */
    inChunkSize: number;
    parserPacket: { header: { length: number; stream_id: number } };
    inPackets: Map<number, unknown>;
    onOutputCallback: (bytes: Buffer) => void;
    onPacketCallback: (packet: Packet) => void;
    /** Returns the fault, or null. Throws on bytes that are not RTMP. */
    parserData(bytes: Buffer): string | null;
    onConnect(message: unknown): void;
    onPublish(message: unknown): void;
    onPlay(message: unknown): void;
    onDeleteStream(message: unknown): void;
    packetAlloc(): void;
    respondPublish(): void;
    respondPlay(): void;
    static createMessage(packet: Packet): Buffer;
  }

  export default Rtmp;
  export type { Packet };
}

declare module 'node-media-server/src/protocol/flv.js' {
  import type { Packet } from 'node-media-server/src/protocol/rtmp.js';

  const Flv: { createHeader(hasAudio: boolean, hasVideo: boolean): Buffer; createMessage(packet: Packet): Buffer };
  export default Flv;
}

declare module 'node-media-server/src/protocol/sps_info.js' {
  /** Null if it cannot be read. */
  export function parseH264Sps(sps: Buffer): { width: number; height: number } | null;
}
