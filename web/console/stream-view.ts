import type { RecordingAnswer } from '../../functions/contract/api/history';
import type { StreamAnswer } from '../../functions/contract/api/streams';
import { make } from '../make';
import { watchHref } from '../stream-link';
import type { ConsoleClient } from './client';
import { healthPart } from './health-part';
import type { Doing } from './operations';
import { button, copyField, list, sureButton, timeOf } from './parts';
import { viewersPart } from './viewers-part';

/** Seconds for which the previous key stays valid after a rotation that is not urgent. */
const GRACE_SECONDS = 300;

/** One stream: its state, warnings, addresses, key, grants and recordings, with every operation on it. */
export class StreamView {
  /** Elements that are shown once: a new key, or the link of a grant. They go with the view. */
  private readonly made: HTMLElement[] = [];

  constructor(
    readonly id: string,
    private readonly options: {
      readonly act: Doing;
      readonly gone: () => void;
      readonly play: (path: string) => void;
      readonly chat: (streamId: string) => Promise<void>;
    },
  ) {}

  async show(client: ConsoleClient): Promise<HTMLElement[]> {
    const [stream, { recordings }, viewers, health] = await Promise.all([
      ...([client.stream(this.id), client.recordings(this.id)] as const),
      // A key without this permission still shows the rest.
      client.viewers(this.id).catch(() => undefined),
      client.streamHealth(this.id).catch(() => undefined),
    ]);
    const title = make('h2', {}, stream.title === '' ? stream.id : stream.title);
    title.dir = 'auto';
    return [
      title,
      this.state(stream),
      this.controls(client, stream),
      ...this.made,
      ...(health === undefined ? [] : healthPart(health)),
      ...(viewers === undefined ? [] : viewersPart(viewers)),
      make('h3', {}, 'Addresses'),
      ...addressesOf(stream).map(([name, value]) => copyField(name, value)),
      make('h3', {}, 'Recordings'),
      list(
        'Recordings',
        recordings.map((each) => this.recording(client, stream, each)),
        'There are no recordings.',
      ),
    ];
  }

  private state(stream: StreamAnswer): HTMLElement {
    const { id, status, policy, encryption, suspended, session, backup, media, warnings = [] } = stream;
    const watch = make('a', {}, 'Watch');
    watch.href = watchHref(id);
    const facts = [
      `${id}, ${policy}`,
      ...(encryption === 'none' ? [] : [`encryption: ${encryption}`]),
      ...(session === undefined ? [] : [`newest session since ${timeOf(session.startedAt)}`]),
      ...(session?.role === undefined ? [] : [`on air: node ${session.nodeId}`]),
      ...(backup === undefined ? [] : [`backup: node ${backup.nodeId}`]),
      ...(session?.endReason === undefined ? [] : [`ended: ${session.endReason}`]),
      ...mediaWords(media),
    ];
    return make(
      'div',
      {},
      make('p', { class: `status-${status}` }, suspended === undefined ? status : `${status}, suspended`),
      make('p', { class: 'soft' }, facts.join(' · ')),
      ...(policy === 'open' ? [make('p', {}, watch)] : []),
      ...warnings.map(({ message, setting }) => make('p', { class: 'bad' }, `Warning: ${message} ${setting}`)),
    );
  }

  private controls(client: ConsoleClient, { status, suspended, policy, chat }: StreamAnswer): HTMLElement {
    const { id } = this;
    const { act } = this.options;
    const isOn = status === 'live' || status === 'reconnecting';
    return make(
      'div',
      { class: 'buttons' },
      ...(isOn ? [sureButton('Stop', 'the broadcast', () => act(() => client.control(id, 'stop')))] : []),
      suspended === undefined
        ? sureButton('Suspend', 'the stream', () => act(() => client.control(id, 'suspend')))
        : button('Resume', 'the stream', () => act(() => client.control(id, 'resume'))),
      button('New key', '', () => act(() => this.rotate(client, GRACE_SECONDS))),
      sureButton('New key, end the old one now', '', () => act(() => this.rotate(client, 0))),
      ...(policy === 'gated' ? [button('Make a grant', '', () => act(() => this.grant(client)))] : []),
      ...(chat.enabled
        ? [
            button('Open the chat', '', () => act(() => this.options.chat(id))),
            sureButton('Turn the chat off', '', () => act(() => client.setChat(id, false))),
          ]
        : [button('Turn the chat on', '', () => act(() => client.setChat(id, true)))]),
      sureButton('Delete', 'the stream', () => act(() => this.remove(client))),
    );
  }

  private async rotate(client: ConsoleClient, graceSeconds: number): Promise<void> {
    const { ingest } = await client.rotate(this.id, graceSeconds);
    this.made.unshift(
      make('p', {}, 'The stream key is shown only now: copy it.'),
      copyField('Server', ingest.rtmp.server),
      copyField('Stream key', ingest.rtmp.streamKey),
    );
  }

  private async grant(client: ConsoleClient): Promise<void> {
    const { id, playback, endsAt } = await client.grant(this.id);
    const revoke = sureButton('Revoke', `grant ${id}`, () =>
      this.options.act(async () => {
        await client.revokeGrant(this.id, id);
        revoke.replaceWith(make('span', { class: 'soft' }, 'Revoked.'));
      }),
    );
    this.made.unshift(copyField(`Link of one viewer, until ${timeOf(endsAt)}`, playback.page), revoke);
  }

  private async remove(client: ConsoleClient): Promise<void> {
    await client.remove(this.id);
    this.options.gone();
  }

  private recording(client: ConsoleClient, { policy }: StreamAnswer, recording: RecordingAnswer): HTMLLIElement {
    const { id, state, startedAt, playback } = recording;
    const play = async (url: string) => {
      if (policy === 'gated') await client.useGrant(await client.grant(this.id), this.id);
      this.options.play(new URL(url).pathname);
    };
    return make(
      'li',
      {},
      make('strong', {}, timeOf(startedAt)),
      make('span', { class: 'soft' }, id),
      make('span', {}, state.replace('_', ' ')),
      ...(playback === undefined
        ? []
        : [button('Play', `recording ${id}`, () => this.options.act(() => play(playback.hls)))]),
      sureButton('Delete', `recording ${id}`, () => this.options.act(() => client.removeRecording(this.id, id))),
    );
  }
}

/** Says what the publisher sends, in the units of an encoder's settings. */
function mediaWords(media: StreamAnswer['media']): string[] {
  if (media === undefined) return [];
  const { video, audio } = media;
  const size = video?.width === undefined || video.height === undefined ? '' : ` ${video.width} × ${video.height}`;
  const rate = video?.framesPerSecond === undefined ? '' : `, ${video.framesPerSecond.toFixed(0)} frames/s`;
  const keyframes = video?.keyframeSeconds === undefined ? '' : `, keyframe every ${video.keyframeSeconds} s`;
  const picture = video === undefined ? 'no picture' : `${video.codec}${size}${rate}${keyframes}`;
  return [picture, audio === undefined ? 'no sound' : audio.codec];
}

function addressesOf({ ingest, playback }: StreamAnswer): [string, string][] {
  const known: [string, string | undefined][] = [
    ['RTMP server', ingest.rtmp.server],
    ['RTMPS server', ingest.rtmps?.server],
    ['SRT server', ingest.srt?.server],
    ['WHIP', ingest.whip.url],
    ['HLS', playback.hls],
    ['DASH', playback.dash],
    ['WHEP', playback.whep],
    ['WebRTC of the SRS SDK', playback.webrtc],
    ['HTTP-FLV', playback.flv],
  ];
  return known.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]));
}
