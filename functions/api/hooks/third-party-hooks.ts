import type { z } from 'zod';
import type { RelayedHook } from '../../contract/hooks/srs';
import type { NginxPublish, PlayCallback } from '../../contract/hooks/third-party';

/** nginx-rtmp names neither itself nor its start: connections are told apart by their number, which counts up. */
const NGINX = { server_id: 'nginx-rtmp', service_id: 'nginx-rtmp', vhost: '' };

/** Translates nginx-rtmp's hook into SRS's words. */
export function hookOfNginx({ call, app, name, addr, clientid, tcurl, key }: NginxPublish): RelayedHook {
  const common = {
    ...NGINX,
    client_id: clientid,
    ip: addr,
    app,
    tcUrl: tcurl,
    stream: name,
    param: key === undefined ? '' : `?key=${key}`,
  };
  return call === 'publish' ? { action: 'on_publish', ...common } : { action: 'on_unpublish', ...common };
}

/** A viewer's permission depends on the stream alone: the server does not matter. */
export const hookOfPlayCallback = (body: z.infer<typeof PlayCallback>): RelayedHook => ({
  ...body,
  server_id: 'callback',
  service_id: 'callback',
  vhost: '',
  tcUrl: '',
});
