import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Player } from './live-stream';
import type { MediaMessage } from './rtmp-connection';

/** `FLV`, version 1, sound and pictures, nine bytes of header, and the first back pointer. */
const FILE_HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);
/** Bytes that a player may lag behind before it is cut. */
const BACKLOG_BYTES = 16 << 20;

/** One HTTP-FLV player; it ends when its publisher does, as at SRS. */
export class FlvPlayer implements Player {
  readonly openedAt = Date.now();
  readonly gone: Promise<void>;
  private sent = 0;

  constructor(
    request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    this.ip = request.socket.remoteAddress ?? '';
    this.gone = new Promise((resolve) => {
      response.once('close', () => resolve());
    });
    response.on('error', () => undefined); // `close` follows
  }

  readonly ip: string;

  get bytes(): { sent: number; received: number } {
    return { sent: this.sent, received: 0 };
  }

  begin(): void {
    this.response.writeHead(200, { 'content-type': 'video/x-flv' });
    this.write(FILE_HEADER);
  }

  take({ flvTag }: MediaMessage): void {
    this.write(flvTag);
  }

  publisherLeft(): void {
    this.response.end();
  }

  destroy(): void {
    this.response.destroy();
  }

  private write(bytes: Buffer): void {
    this.sent += bytes.length;
    if (this.response.writableLength > BACKLOG_BYTES) this.response.destroy();
    else if (this.response.writable) this.response.write(bytes);
  }
}
