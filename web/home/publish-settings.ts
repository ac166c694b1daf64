/** The settings for an encoder, ready to copy. */
export interface PublishSettings {
  readonly server: string;
  readonly streamKey: string;
  readonly ffmpeg: string;
}

/** The command publishes a test pattern with a tone; `'...'` keeps a shell from reading `?` and `&`. */
export function publishSettings(rtmp: { server: string; streamKey: string }): PublishSettings {
  const target = `${rtmp.server}/${rtmp.streamKey}`;
  const source = '-re -f lavfi -i testsrc2=size=1280x720:rate=30 -f lavfi -i sine=frequency=440';
  const codecs = '-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p -b:v 2500k -g 60 -c:a aac -b:a 128k';
  return { ...rtmp, ffmpeg: `ffmpeg ${source} ${codecs} -f flv '${target}'` };
}
