import { LoggingProjectBucketConfig } from '@cdktf/provider-google/lib/logging-project-bucket-config';
import { LoggingProjectExclusion } from '@cdktf/provider-google/lib/logging-project-exclusion';
import { Construct } from 'constructs';
import { PUBLIC_PREFIXES, ROUTES } from '../../../functions/contract/routes';
import type { Deployment } from '../../names';

export interface EdgeLogsProps extends Deployment {
  readonly retentionDays: number;
  /** Share of answers below 400 that is kept; all others are. */
  readonly cdnSample: number;
}

/**
 * Paths that hold a secret, or have one in their query: hooks as servers of others call them, a viewer's grant, FLV
 * and content keys with a play token, and signed media. The list has nothing else: a field that any client can append
 * must not keep a request out of the logs. Low-latency HLS has no tokens.
 */
const SECRET_PATHS = [
  ...[ROUTES.api.srsHook, ROUTES.api.rtmpPublish, ROUTES.api.onPlay, ROUTES.media.flv].map(withoutParameters),
  `${withoutParameters(ROUTES.api.stream)}[^/?#]+/grants/`,
  `${withoutParameters(ROUTES.api.contentKey)}[^/?#]+/keys/[^/?#]+[?]([^#]*&)?token=`,
  `${PUBLIC_PREFIXES.gated}[^?#]*[?]`,
  `${PUBLIC_PREFIXES.rtc}[^?#]*[?]`,
  `${PUBLIC_PREFIXES.live}[^/?#]+[?]([^#]*&)?token=`,
];

/** URLs with a secret in them, by their path. */
export const SECRET_URLS = `httpRequest.requestUrl=~"^https?://[^/?#]+(${SECRET_PATHS.join('|')})"`;

/** `/api/v1/srs/` of `/api/v1/srs/{action}`. */
function withoutParameters(path: string): string {
  return path.replace(/\{.*$/, '');
}

/**
 * Rules for the log lines that are kept. A load balancer cannot log less for backend buckets, and a log line costs more
 * than the cache look-up it reports; so most are dropped on the way in, and lines with a secret in their URL always.
 */
export class EdgeLogs extends Construct {
  constructor(scope: Construct, id: string, { names, projectId: project, retentionDays, cdnSample }: EdgeLogsProps) {
    super(scope, id);
    const served =
      'resource.type="http_load_balancer" AND httpRequest.status<400 AND httpRequest.requestUrl=~"/(open|gated|live)/"';
    new LoggingProjectExclusion(this, 'served', {
      project,
      name: names.resource('served'),
      description: 'What the CDN served without an error, but for a sample',
      filter: cdnSample === 0 ? served : `${served} AND NOT sample(insertId, ${cdnSample})`,
      disabled: cdnSample === 1,
    });
    new LoggingProjectExclusion(this, 'secrets', {
      project,
      name: names.resource('secrets'),
      description: 'Requests whose URL holds a secret',
      filter: `(resource.type="http_load_balancer" OR resource.type="cloud_run_revision") AND ${SECRET_URLS}`,
    });
    // Every project has this bucket: Terraform takes it over, and leaves it when the stack is destroyed.
    new LoggingProjectBucketConfig(this, 'kept', {
      project: `projects/${project}`,
      location: 'global',
      bucketId: '_Default',
      retentionDays,
    });
  }
}
