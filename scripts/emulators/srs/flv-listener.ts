import type { RequestListener } from 'node:http';
import type { BuiltInOrigin } from './built-in-origin';
import { FlvPlayer } from './flv-player';

/** SRS's web server, reduced to HTTP-FLV: `/<app>/<stream>.flv`, 404 while the stream has no publisher. */
export function flvListener(origin: Pick<BuiltInOrigin, 'playFlv'>): RequestListener {
  return (request, response) => {
    const [, app, stream, param = ''] = /^\/([^/?]+)\/([^/?]+)\.flv(\?.*)?$/.exec(request.url ?? '') ?? [];
    const player = new FlvPlayer(request, response);
    const asked = app !== undefined && stream !== undefined && origin.playFlv(player, { app, stream, param });
    if (!asked) response.writeHead(404).end();
  };
}
