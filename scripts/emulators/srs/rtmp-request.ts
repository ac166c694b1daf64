import { z } from 'zod';

const text = z.string().max(2048);
const Connect = z.object({ cmdObj: z.object({ app: text, tcUrl: text, pageUrl: text.optional() }) });
const Named = z.object({ streamName: text.min(1) });

export type ConnectRequest = z.infer<typeof Connect>['cmdObj'];

/** The request of an RTMP client, named as SRS names it. */
export interface RtmpRequest {
  readonly kind: 'publish' | 'play';
  readonly app: string;
  readonly stream: string;
  /** With its leading `?`, not decoded; empty if there is none. */
  readonly param: string;
  readonly tcUrl: string;
  readonly pageUrl: string;
}

/** Throws on a connect without app or tcUrl. */
export const parseConnect = (message: unknown): ConnectRequest => Connect.parse(message).cmdObj;

const split = (name: string): [string, string] => {
  const at = name.search(/[?#]/);
  return at < 0 ? [name, ''] : [name.slice(0, at), name.slice(at)];
};

/**
 * Parses app and stream name as SRS does (`srs_discovery_tc_url`, as captured from 6.0.157): a query in the app counts
 * twice, slashes in the stream belong to the app. Throws if there is no stream name.
 */
export function parseRequest(kind: 'publish' | 'play', connect: ConnectRequest, message: unknown): RtmpRequest {
  const [app, appQuery] = split(connect.app);
  const [path, query] = split(Named.parse(message).streamName);
  const parts = path.split('/').filter((part) => part !== '');
  const stream = parts.pop();
  if (stream === undefined) throw new Error('no stream name');
  return {
    kind,
    app: [app, ...parts].join('/'),
    stream,
    param: `${appQuery}${appQuery}${query}`,
    tcUrl: connect.tcUrl,
    pageUrl: connect.pageUrl ?? '',
  };
}
