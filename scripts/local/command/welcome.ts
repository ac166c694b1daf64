import type { DemoStream } from './demo';

export interface WelcomeOptions {
  readonly rtmp: string;
  readonly edge: string;
  readonly adminKey: string;
  readonly origin: string;
  readonly demo: DemoStream | undefined;
}

/** Returns the text for a person, once everything runs. */
export function welcome({ rtmp, edge, adminKey, origin, demo }: WelcomeOptions): string {
  const own =
    `curl -s -X POST ${edge}/api/v1/streams -H 'Authorization: Bearer ${adminKey}' ` +
    `-H 'Content-Type: application/json' -d '{"title":"My stream"}'`;
  const stream = demo === undefined ? '<streamId>?key=<key>' : demo.ingest.rtmp.streamKey;
  const lines = [
    '',
    `  pages       ${edge}/`,
    `  API         ${edge}/api/v1   (Authorization: Bearer ${adminKey})`,
    `  origin      ${origin}`,
    ...(demo === undefined
      ? []
      : [`  demo        ${edge}/watch.html?id=${demo.id}`, `              ${demo.playback.hls}`]),
    '',
    '  Make a stream of your own; the answer has its server, stream key and playback URL:',
    `    ${own}`,
    '',
    '  OBS: Settings > Stream > Custom',
    `    Server      ${rtmp}`,
    `    Stream key  ${stream}`,
    '  ffmpeg:',
    `    ffmpeg -re -i input.mp4 -c:v libx264 -g 50 -bf 0 -c:a aac -f flv '${rtmp}/${stream}'`,
    '',
    '  Ctrl-C ends everything.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
