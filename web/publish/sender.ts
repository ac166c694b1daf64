import type { Publisher } from '../publish-key';
import type { EndSession } from '../sdk/offer';
import { publishByWhip } from './whip';

/** Figures of what is sent, as far as they are known. */
export interface Sending {
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly framesPerSecond: number | undefined;
  readonly bytesSent: number;
  readonly roundTripSeconds: number | undefined;
}

const codecs = (): RTCRtpCodec[] =>
  (RTCRtpSender.getCapabilities('video')?.codecs ?? []).filter(
    ({ mimeType }) => mimeType.toLowerCase() === 'video/h264',
  );

/** HLS and RTMP carry H.264; nothing here turns another codec into it. */
export const canSendH264 = (): boolean => codecs().length > 0;

/** A server that does not answer a goodbye holds nobody up. */
const GOODBYE_MS = 3000;

/** One connection that sends `media`, from its offer until it is closed or `lost`. */
export class Sender {
  private readonly connection = new RTCPeerConnection();
  private goodbye: EndSession | undefined;
  private isOver = false;

  /** `mostBits`: a second, for the picture; a bad network gets less by itself. */
  constructor(media: MediaStream, mostBits: number) {
    for (const track of media.getTracks()) {
      const transceiver = this.connection.addTransceiver(track, {
        direction: 'sendonly',
        ...(track.kind === 'video' ? { sendEncodings: [{ maxBitrate: mostBits }] } : {}),
      });
      if (track.kind === 'video') transceiver.setCodecPreferences(codecs());
    }
  }

  /** Resolves once media flows. Throws `OfferRefusal`; anything else when no way to the server was found. */
  async start(publisher: Publisher): Promise<void> {
    this.goodbye = await publishByWhip(this.connection, publisher);
    if (this.isOver) await this.end();
    await this.reached(['connected']);
    if (this.connection.connectionState !== 'connected') throw new Error('no way to the server was found');
  }

  /** Resolves when the connection is no more, and cannot be mended by itself. */
  lost(): Promise<void> {
    return this.reached(['failed', 'closed']);
  }

  /** Ends the broadcast: says so first, because a server that sees the connection go waits for it to come back. */
  async end(): Promise<void> {
    this.isOver = true;
    const { goodbye } = this;
    this.goodbye = undefined;
    await Promise.race([goodbye?.(), new Promise((resolve) => setTimeout(resolve, GOODBYE_MS))]);
    this.close();
  }

  /** Leaves the connection without a word: the broadcast goes on with the next one. */
  close(): void {
    this.connection.close();
    // Nobody hears of a connection that one closes oneself.
    this.connection.dispatchEvent(new Event('connectionstatechange'));
  }

  /** Sends these tracks from now on, on the same connection. */
  async replace(media: MediaStream): Promise<void> {
    const senders = this.connection.getSenders();
    await Promise.all(
      media.getTracks().map((track) => senders.find((each) => each.track?.kind === track.kind)?.replaceTrack(track)),
    );
  }

  async sending(): Promise<Sending> {
    const figures = [...((await this.connection.getStats()) ?? [])].map(
      ([, figure]: [string, Readonly<Record<string, unknown>>]) => figure,
    );
    const sent = figures.filter(({ type }) => type === 'outbound-rtp');
    const video = sent.find(({ kind }) => kind === 'video') ?? {};
    // Several may have been nominated; one of them is used.
    const [path = {}] = figures
      .filter(({ type, nominated }) => type === 'candidate-pair' && nominated === true)
      .sort((a, b) => (numberOf(b.bytesSent) ?? 0) - (numberOf(a.bytesSent) ?? 0));
    return {
      width: numberOf(video.frameWidth),
      height: numberOf(video.frameHeight),
      framesPerSecond: numberOf(video.framesPerSecond),
      bytesSent: sent.reduce((sum, { bytesSent }) => sum + (numberOf(bytesSent) ?? 0), 0),
      roundTripSeconds: numberOf(path.currentRoundTripTime),
    };
  }

  /** A connection is `failed` or `closed` for good, whatever was hoped for. */
  private reached(wanted: readonly RTCPeerConnectionState[]): Promise<void> {
    const ends = [...wanted, 'failed', 'closed'];
    return new Promise((resolve) => {
      const look = () => {
        if (!ends.includes(this.connection.connectionState)) return;
        this.connection.removeEventListener('connectionstatechange', look);
        resolve();
      };
      this.connection.addEventListener('connectionstatechange', look);
      look();
    });
  }
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
