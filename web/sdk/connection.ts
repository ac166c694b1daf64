import type { Sample } from './bandwidth';
import { type Endpoint, exchange, type OpenedSession } from './offer';
import { connectionLost, stateReached } from './peer-states';

/** Milliseconds for which the end of a session waits for a server that does not answer. */
const GOODBYE_MS = 3000;
const POLL_INTERVAL_MS = 100;
const H264 = 'video/h264';

const h264 = (): RTCRtpCodec[] =>
  RTCRtpSender.getCapabilities('video')?.codecs.filter(({ mimeType }) => mimeType.toLowerCase() === H264) ?? [];

/** Tells whether this browser sends H.264: HLS and RTMP carry it, and the server converts no other codec into it. */
export const canSendH264 = (): boolean => h264().length > 0;

/**
 * The tracks to send, or the kinds to receive. `maxBits`: bits a second for the picture; on a bad network the browser
 * sends less. @default the browser's choice
 */
export type Direction =
  | { readonly send: MediaStream; readonly maxBits?: number }
  | { readonly receive: readonly ('video' | 'audio')[] };

/** Counts of a connection, and the size of its picture in pixels, `undefined` while there is none. */
export interface Measured extends Sample {
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly framesPerSecond: number | undefined;
}

/** One WebRTC connection to the platform, from its offer until it is closed or lost. */
export class Connection {
  /** Tracks that are received. */
  readonly media = new MediaStream();
  private readonly peer: RTCPeerConnection;
  private session: OpenedSession | undefined;
  /** The publish, once the server has opened it: the next connection continues it. */
  publishes: string | undefined;
  private isOver = false;
  private readonly receives: boolean;

  constructor(direction: Direction, mediaOptions: RTCConfiguration) {
    this.peer = new RTCPeerConnection(mediaOptions);
    this.receives = 'receive' in direction;
    if ('receive' in direction) {
      this.peer.addEventListener('track', ({ track }) => this.media.addTrack(track));
      for (const kind of direction.receive) this.peer.addTransceiver(kind, { direction: 'recvonly' });
    } else for (const track of direction.send.getTracks()) this.add(track, direction.maxBits);
  }

  private add(track: MediaStreamTrack, maxBits: number | undefined): void {
    if (track.kind !== 'video') {
      this.peer.addTransceiver(track, { direction: 'sendonly' });
      return;
    }
    const codecs = h264();
    if (codecs.length === 0) throw new Error('This browser cannot send H.264, which viewers need.');
    const encodings = maxBits === undefined ? {} : { sendEncodings: [{ maxBitrate: maxBits }] };
    this.peer.addTransceiver(track, { direction: 'sendonly', ...encodings }).setCodecPreferences(codecs);
  }

  /** Resolves once media can flow. Throws `OfferRefusal`, and an error when the browser cannot reach the server. */
  async open(endpoint: Endpoint): Promise<void> {
    this.session = await exchange(this.peer, endpoint);
    this.publishes = this.session.publishes;
    if (this.isOver) await this.end();
    await stateReached(this.peer, ['connected']);
    if (this.peer.connectionState !== 'connected') throw new Error('No way to the server was found.');
  }

  /** Resolves with true once a picture was decoded, with false when none came in `timeoutMs`. */
  async hasPicture(timeoutMs: number): Promise<boolean> {
    for (
      let waitedMs = 0;
      waitedMs < timeoutMs && this.peer.connectionState === 'connected';
      waitedMs += POLL_INTERVAL_MS
    ) {
      if (((await this.sample()).frames ?? 0) > 0) return true;
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    }
    return false;
  }

  /** Resolves when the connection is lost: the browser gave it up, or the other end is not heard for some 10 s. */
  lost(): Promise<void> {
    return connectionLost(this.peer);
  }

  /** Ends the session at the server first, which else waits for the connection to come back. */
  async end(): Promise<void> {
    this.isOver = true;
    const { session } = this;
    this.session = undefined;
    await Promise.race([session?.end(), new Promise((resolve) => setTimeout(resolve, GOODBYE_MS))]);
    this.close();
  }

  /** Closes the connection and leaves the session open: the broadcast goes on with the next connection. */
  close(): void {
    this.peer.close();
    // The browser sends no event for a connection that its own page closes.
    this.peer.dispatchEvent(new Event('connectionstatechange'));
  }

  /** Replaces the tracks that are sent, on the same connection. */
  async replace(media: MediaStream): Promise<void> {
    const senders = this.peer.getSenders();
    const taken = media.getTracks().map((track) => {
      return senders.find((sender) => sender.track?.kind === track.kind)?.replaceTrack(track);
    });
    await Promise.all(taken);
  }

  /** Measures what has flowed up to now. */
  async sample(): Promise<Measured> {
    const report = [...(await this.peer.getStats())].map(
      ([, entry]: [string, Readonly<Record<string, unknown>>]) => entry,
    );
    const flows = report.filter(({ type }) => type === (this.receives ? 'inbound-rtp' : 'outbound-rtp'));
    const video = flows.find(({ kind }) => kind === 'video');
    // Several pairs may have been nominated; one of them is used.
    const [pair = {}] = report
      .filter(({ type, nominated }) => type === 'candidate-pair' && nominated === true)
      .sort(
        (a, b) =>
          countOf(b, 'bytesSent') + countOf(b, 'bytesReceived') - countOf(a, 'bytesSent') - countOf(a, 'bytesReceived'),
      );
    const lost = this.receives ? flows : report.filter(({ type }) => type === 'remote-inbound-rtp');
    const roundTrip = numberOf(pair.currentRoundTripTime);
    return {
      atMs: performance.now(),
      packets: sum(flows, this.receives ? 'packetsReceived' : 'packetsSent'),
      lost: sum(lost, 'packetsLost'),
      bytes: sum(flows, this.receives ? 'bytesReceived' : 'bytesSent'),
      frames: video && countOf(video, this.receives ? 'framesDecoded' : 'framesEncoded'),
      roundTripMs: roundTrip === undefined ? undefined : roundTrip * 1000,
      availableBits: this.receives ? undefined : numberOf(pair.availableOutgoingBitrate),
      width: numberOf(video?.frameWidth),
      height: numberOf(video?.frameHeight),
      framesPerSecond: numberOf(video?.framesPerSecond),
    };
  }
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const countOf = (entry: Readonly<Record<string, unknown>>, name: string): number => numberOf(entry[name]) ?? 0;
const sum = (entries: readonly Readonly<Record<string, unknown>>[], name: string): number =>
  entries.reduce((total, entry) => total + countOf(entry, name), 0);
