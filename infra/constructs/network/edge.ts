import { ComputeBackendService } from '@cdktf/provider-google/lib/compute-backend-service';
import { ComputeGlobalForwardingRule } from '@cdktf/provider-google/lib/compute-global-forwarding-rule';
import { ComputeRegionNetworkEndpointGroup } from '@cdktf/provider-google/lib/compute-region-network-endpoint-group';
import { ComputeTargetHttpProxy } from '@cdktf/provider-google/lib/compute-target-http-proxy';
import { ComputeTargetHttpsProxy } from '@cdktf/provider-google/lib/compute-target-https-proxy';
import { ComputeUrlMap } from '@cdktf/provider-google/lib/compute-url-map';
import { Construct } from 'constructs';
import { PUBLIC_PREFIXES, path, ROUTES } from '../../../functions/contract/routes';
import type { Deployment } from '../../names';
import type { Delivery } from '../media/delivery';
import type { Certificate } from './certificate';
import { globalAddresses } from './global-addresses';
import type { LiveBackends } from './live-backends';
import { FRAMED_PAGES, framedPageHeaders, HOST_HEADERS, NOT_FOUND_PAGE, pageHeaders } from './page-headers';
import type { TlsPolicy } from './tls-policy';

/** A Cloud Run service, and the region in which it is. */
type RegionalService = Deployment & { readonly service: string };

export interface EdgeProps extends Deployment {
  readonly delivery: Delivery;
  readonly live: LiveBackends;
  readonly certificate: Certificate;
  /** Cloud Run services that answer `/api/*`, one a region: the nearest answers, or one that is well. */
  readonly apiServices: readonly RegionalService[];
  /** Cloud Run services that answer chats, one a region; empty: there are none. */
  readonly chatServices: readonly RegionalService[];
  /** Protection of the API: a backend policy's id. */
  readonly apiPolicy: string;
  readonly tls: TlsPolicy;
  readonly dnsZone: string;
  /** `https://<host>` of other CDNs, whose media the pages may play. */
  readonly cdnOrigins: readonly string[];
  /** True if it answers on IPv6 too. */
  readonly ipv6: boolean;
}

type Headers = Readonly<Record<string, string>>;
type Match = { readonly fullPathMatch: string } | { readonly prefixMatch: string };

const added = (headers: Headers) =>
  Object.entries(headers).map(([headerName, headerValue]) => ({ headerName, headerValue, replace: true }));

/**
 * Answers for a page that does not exist with the product's own. Cloud Storage says 403, because the load balancer may
 * not list the bucket, and its answer is XML that speaks of access.
 */
const notFoundPage = (errorService: string) => ({
  errorService,
  errorResponseRule: [{ matchResponseCodes: ['403', '404'], path: NOT_FOUND_PAGE, overrideResponseCode: 404 }],
});

/**
 * Functions have no health check, so the load balancer judges a region by its answers: after five errors in a row it
 * goes without it for half a minute. https://cloud.google.com/load-balancing/docs/https/outlier-detection
 */
const LEAVE_A_SICK_REGION = {
  consecutiveErrors: 5,
  enforcingConsecutiveErrors: 100,
  interval: { seconds: 1 },
  baseEjectionTime: { seconds: 30 },
  maxEjectionPercent: 50,
};

/** Every global load balancer here is of the kind that has route rules and custom errors. */
const SCHEME = 'EXTERNAL_MANAGED';

/**
 * The one public host, in the order a request passes:
 * address → forwarding rule (80: redirect) → HTTPS proxy → URL map → CDN backends, the API's network endpoint group, or
 * the nodes.
 */
export class Edge extends Construct {
  private readonly props: EdgeProps;

  constructor(scope: Construct, id: string, props: EdgeProps) {
    super(scope, id);
    this.props = props;
    const { dnsZone, certificate, ipv6, apiServices } = props;
    const host = { ...props, thing: 'web', component: 'edge', host: certificate.host, dnsZone, ipv6 };
    const https = this.httpsProxy(this.urlMap(this.functionBackend('api', apiServices)));
    const redirect = this.redirectProxy();
    for (const { id: address, suffix } of globalAddresses(this, host)) {
      this.listen(`https${suffix}`, address, '443', https);
      this.listen(`http${suffix}`, address, '80', redirect);
    }
  }

  /** `thing`: its part in the names of resources. */
  private functionBackend(thing: string, services: readonly RegionalService[]): string {
    const { names, projectId: project, apiPolicy } = this.props;
    const groups = services.map(
      (one, index) =>
        new ComputeRegionNetworkEndpointGroup(this, index === 0 ? `${thing}-endpoints` : `${thing}-endpoints-b`, {
          project,
          region: one.region,
          name: one.names.resource(thing),
          networkEndpointType: 'SERVERLESS',
          cloudRun: { service: one.service },
        }),
    );
    return new ComputeBackendService(this, thing, {
      project,
      name: names.resource(thing),
      loadBalancingScheme: SCHEME,
      protocol: 'HTTPS',
      backend: groups.map(({ id: group }) => ({ group })),
      ...(groups.length > 1 && { outlierDetection: LEAVE_A_SICK_REGION }),
      securityPolicy: apiPolicy,
      logConfig: { enable: true, sampleRate: 1 },
    }).id;
  }

  /**
   * Builds the map of route rules: path rules take no header action with a backend bucket, and Google takes only one of
   * the two kinds.
   */
  private urlMap(api: string): string {
    const { names, projectId: project, delivery, live, cdnOrigins } = this.props;
    const forApi = [PUBLIC_PREFIXES.api, PUBLIC_PREFIXES.rtc].map((pathPrefix) => ({ pathPrefix, backend: api }));
    const forNodes = [{ pathPrefix: PUBLIC_PREFIXES.live, backend: live.lowLatency }];
    // A path with one segment behind the prefix is a file without an end.
    const endless = {
      matchRules: [{ pathTemplateMatch: `${PUBLIC_PREFIXES.live}*` }],
      service: live.endless,
    };
    const prefixes = [...delivery.routes, ...forApi, ...forNodes].map(
      ({ pathPrefix: prefixMatch, backend: service }) => ({
        matchRules: [{ prefixMatch }],
        service,
      }),
    );
    const page = (match: Match, headers: Headers) => ({
      matchRules: [match],
      service: delivery.pagesBackend,
      headerAction: { responseHeadersToAdd: added(headers) },
    });
    const framed = FRAMED_PAGES.map((fullPathMatch) => page({ fullPathMatch }, framedPageHeaders(cdnOrigins)));
    const customErrorResponsePolicy = notFoundPage(delivery.pagesBackend);
    const pages = [...framed, { ...page({ prefixMatch: '/' }, pageHeaders(cdnOrigins)), customErrorResponsePolicy }];
    return new ComputeUrlMap(this, 'routes', {
      project,
      name: names.resource('web'),
      defaultService: delivery.pagesBackend,
      hostRule: [{ hosts: ['*'], pathMatcher: 'all' }],
      pathMatcher: [
        {
          name: 'all',
          defaultService: delivery.pagesBackend,
          headerAction: { responseHeadersToAdd: added(HOST_HEADERS) },
          routeRules: [...this.chatRoutes(), endless, ...prefixes, ...pages].map((rule, index) => ({
            priority: index + 1,
            ...rule,
          })),
        },
      ],
    }).id;
  }

  /** The room of a stream; what lies below it is the API's. */
  private chatRoutes() {
    const { chatServices } = this.props;
    if (chatServices.length === 0) return [];
    const service = this.functionBackend('chat', chatServices);
    return [{ matchRules: [{ pathTemplateMatch: path(ROUTES.chat.room, { id: '*' }) }], service }];
  }

  private httpsProxy(urlMap: string): string {
    const { names, projectId: project, certificate, tls } = this.props;
    return new ComputeTargetHttpsProxy(this, 'https-proxy', {
      project,
      name: names.resource('web'),
      urlMap,
      certificateMap: certificate.certificateMap,
      sslPolicy: tls.id,
      quicOverride: 'ENABLE',
    }).id;
  }

  private redirectProxy(): string {
    const { names, projectId: project } = this.props;
    const name = names.resource('redirect');
    const redirect = { httpsRedirect: true, stripQuery: false, redirectResponseCode: 'MOVED_PERMANENTLY_DEFAULT' };
    const urlMap = new ComputeUrlMap(this, 'redirect', { project, name, defaultUrlRedirect: redirect });
    return new ComputeTargetHttpProxy(this, 'http-proxy', { project, name, urlMap: urlMap.id }).id;
  }

  private listen(scheme: string, ipAddress: string, portRange: string, target: string): void {
    const { names, projectId: project } = this.props;
    new ComputeGlobalForwardingRule(this, scheme, {
      project,
      name: names.resource(scheme),
      loadBalancingScheme: SCHEME,
      ipProtocol: 'TCP',
      ipAddress,
      portRange,
      target,
      labels: { ...names.labels('edge') },
    });
  }
}
