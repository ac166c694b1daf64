import { z } from 'zod';
import { NODE } from '../../../srs-image/render/node';
import { StartError } from '../../emulators/server/start-error';
import type {
  BackendBucketBlueprint,
  EdgeBlueprint,
  ErrorPage,
  FunctionBlueprint,
  NodesTarget,
  RouteTarget,
} from './blueprint';
import { block, blocks, type ResourceRead, type SynthesisedResources } from './terraform';

/** Name of the agents' public port in an instance group. */
const AGENT_PORT = 'agent';

const BackendBucket = z.object({
  name: z.string(),
  bucket_name: z.string(),
  custom_response_headers: z.array(z.string()).default([]),
  compression_mode: z.enum(['AUTOMATIC', 'DISABLED']).default('DISABLED'),
  cdn_policy: block(
    z.object({
      cache_mode: z.string(),
      // Without a value, Terraform sends zeros and false; the API's defaults never apply.
      negative_caching: z.boolean().default(false),
      request_coalescing: z.boolean().default(false),
      serve_while_stale: z.number().default(0),
      signed_url_cache_max_age_sec: z.number().default(0),
    }),
  ),
});
const BackendService = z.object({
  name: z.string(),
  backend: blocks(z.object({ group: z.string() })),
  port_name: z.string().optional(),
  timeout_sec: z.number().default(30),
  cdn_policy: block(
    z.object({
      cache_mode: z.string(),
      negative_caching: z.boolean().default(false),
      request_coalescing: z.boolean().default(false),
      serve_while_stale: z.number().default(0),
      cache_key_policy: block(
        z.strictObject({
          include_host: z.literal(false),
          include_protocol: z.literal(false),
          include_query_string: z.literal(true),
          query_string_whitelist: z.array(z.string()),
        }),
      ),
    }),
  ).optional(),
});
/** A group of VMs, and the ports it gives names to. */
const InstanceGroup = z.object({ named_port: blocks(z.object({ name: z.string(), port: z.number() })) });
const NetworkEndpointGroup = z.object({
  name: z.string(),
  cloud_run: block(z.object({ service: z.string() })).optional(),
  cloud_function: block(z.object({ function: z.string() })).optional(),
});
const Header = z.object({ header_name: z.string(), header_value: z.string(), replace: z.literal(true) });
const HeaderAction = block(z.strictObject({ response_headers_to_add: blocks(Header) })).optional();
const MatchRule = z.strictObject({
  prefix_match: z.string().optional(),
  full_path_match: z.string().optional(),
  path_template_match: z.string().optional(),
});
const ErrorPolicy = block(
  z.strictObject({
    error_service: z.string(),
    error_response_rule: blocks(
      z.strictObject({
        match_response_codes: z.array(z.string().regex(/^[45]\d\d$/, 'use single codes, such as 404')),
        path: z.string().startsWith('/'),
        override_response_code: z.number(),
      }),
    ),
  }),
).optional();
const RouteRule = z.object({
  priority: z.number(),
  match_rules: blocks(MatchRule),
  service: z.string(),
  header_action: HeaderAction,
  custom_error_response_policy: ErrorPolicy,
});
const PathMatcher = z.object({
  name: z.string(),
  default_service: z.string(),
  header_action: HeaderAction,
  route_rules: blocks(RouteRule),
});
const UrlMap = z.object({ default_url_redirect: z.unknown().optional(), path_matcher: blocks(PathMatcher) });

/** Returns the routes of the load balancer: one host, one path matcher, route rules by prefix or whole path. */
export function readEdge(terraform: SynthesisedResources, functions: readonly FunctionBlueprint[]): EdgeBlueprint {
  const backendBuckets = terraform.all('google_compute_backend_bucket', BackendBucket);
  const targets = new Map<string, RouteTarget>([
    ...backendBuckets.map(({ address, value }) => [address, { kind: 'bucket', backend: value.name }] as const),
    ...readServices(terraform, functions),
  ]);
  const { address, value: urlMap } = readUrlMap(terraform);
  const [matcher, ...others] = urlMap.path_matcher;
  if (matcher === undefined || others.length > 0)
    throw new StartError(
      `${address}.path_matcher: there are ${urlMap.path_matcher.length}, the local edge is one host and takes one`,
    );
  const target = (service: string): RouteTarget => {
    const found = targets.get(service);
    if (found === undefined)
      throw new StartError(`${address}.path_matcher: '${service}' is no backend bucket or function`);
    return found;
  };
  return {
    backendBuckets: backendBuckets.map(({ value }) => backendBucket(value)),
    routes: readRoutes(address, matcher, target),
    fallback: target(matcher.default_service),
    responseHeaders: headersOf(matcher.header_action),
  };
}

/** Returns the map that routes; the other one redirects HTTP to HTTPS, which this machine does not serve. */
function readUrlMap(terraform: SynthesisedResources): ResourceRead<z.infer<typeof UrlMap>> {
  const [map, ...others] = terraform
    .all('google_compute_url_map', UrlMap)
    .filter(({ value }) => value.default_url_redirect === undefined);
  if (map === undefined || others.length > 0)
    throw new StartError('google_compute_url_map: there has to be exactly one that does not redirect');
  return map;
}

function readRoutes(
  address: string,
  { route_rules: rules }: z.infer<typeof PathMatcher>,
  target: (service: string) => RouteTarget,
): EdgeBlueprint['routes'] {
  return [...rules]
    .sort((a, b) => a.priority - b.priority)
    .flatMap(({ match_rules: matches, service, header_action: action, custom_error_response_policy: errors }) =>
      matches.map((match) => ({
        ...pathOf(match, address),
        target: target(service),
        responseHeaders: headersOf(action),
        ...(errors && { errorPage: errorPageOf(errors, service, address) }),
      })),
    );
}

function errorPageOf(
  { error_service: errorService, error_response_rule: rules }: NonNullable<z.infer<typeof ErrorPolicy>>,
  service: string,
  address: string,
): ErrorPage {
  const [rule, ...others] = rules;
  if (rule === undefined || others.length > 0 || errorService !== service)
    throw new StartError(
      `${address}.path_matcher: the local edge takes one page for errors, from the same backend bucket as the pages`,
    );
  const { match_response_codes: codes, path, override_response_code: status } = rule;
  return { replaces: codes.map(Number), path, status };
}

function pathOf(
  { prefix_match: prefix, full_path_match: path, path_template_match: template }: z.infer<typeof MatchRule>,
  address: string,
) {
  const pattern = prefix ?? template ?? '';
  const [, folder] = /^(\/(?:[\w-]+\/)*)\*$/.exec(template ?? '') ?? [];
  if (folder !== undefined && prefix === undefined && path === undefined) return { folder };
  const [, before, after] = /^(\/(?:[\w-]+\/)+)\*((?:\/[\w-]+)+)$/.exec(template ?? '') ?? [];
  if (before !== undefined && after !== undefined && prefix === undefined && path === undefined)
    return { before, after };
  if (prefix === undefined && path !== undefined) return { path };
  if (prefix === undefined || path !== undefined || !/^\/([^*]*\/)?$/.test(prefix))
    throw new StartError(
      `${address}.path_matcher: route '${pattern}' is neither a prefix that ends with / nor a whole path`,
    );
  return { pathPrefix: prefix };
}

const headersOf = (action: z.infer<typeof HeaderAction>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (action?.response_headers_to_add ?? []).map((header) => [header.header_name, header.header_value]),
  );

const backendBucket = (backend: z.infer<typeof BackendBucket>): BackendBucketBlueprint => ({
  name: backend.name,
  bucket: backend.bucket_name,
  cacheMode: backend.cdn_policy.cache_mode,
  negativeCaching: backend.cdn_policy.negative_caching,
  requestCoalescing: backend.cdn_policy.request_coalescing,
  serveWhileStaleSeconds: backend.cdn_policy.serve_while_stale,
  signedMaxAgeSeconds: backend.cdn_policy.signed_url_cache_max_age_sec,
  responseHeaders: backend.custom_response_headers,
  ...(backend.compression_mode === 'AUTOMATIC' && { compresses: true as const }),
});

/** Reads backend service → serverless endpoint group → function, or → instance groups → agents. */
function readServices(
  terraform: SynthesisedResources,
  functions: readonly FunctionBlueprint[],
): (readonly [string, RouteTarget])[] {
  const groups = new Map(
    terraform
      .all('google_compute_region_network_endpoint_group', NetworkEndpointGroup)
      .map(({ address, value }) => [address, value.cloud_run?.service ?? value.cloud_function?.function]),
  );
  return terraform.all('google_compute_backend_service', BackendService).flatMap((service) => {
    const name = groups.get(service.value.backend[0]?.group ?? '');
    if (name !== undefined) return [[service.address, functionTarget(service, name, functions)] as const];
    const nodes = nodesTarget(service, terraform);
    return nodes === undefined ? [] : [[service.address, nodes] as const];
  });
}

/** Returns the nodes; `undefined` for a service at another port of them, such as that of RTMPS. */
function nodesTarget(
  { address, value }: ResourceRead<z.infer<typeof BackendService>>,
  terraform: SynthesisedResources,
): RouteTarget | undefined {
  if (value.port_name !== AGENT_PORT) return undefined;
  const named = terraform
    .all('google_compute_region_instance_group_manager', InstanceGroup)
    .flatMap((group) => group.value.named_port);
  if (named.some(({ name, port }) => name === AGENT_PORT && port === NODE.publicPort))
    return { kind: 'nodes', timeoutSeconds: value.timeout_sec, ...cacheOf(value) };
  throw new StartError(`${address}: no instance group names its port '${AGENT_PORT}' ${NODE.publicPort}`);
}

function cacheOf({ name, cdn_policy: policy }: z.infer<typeof BackendService>): Pick<NodesTarget, 'cache'> {
  if (policy === undefined) return {};
  const cache = {
    name,
    cacheMode: policy.cache_mode,
    negativeCaching: policy.negative_caching,
    requestCoalescing: policy.request_coalescing,
    serveWhileStaleSeconds: policy.serve_while_stale,
    queryKeys: policy.cache_key_policy.query_string_whitelist,
  };
  return { cache };
}

function functionTarget(
  service: ResourceRead<unknown>,
  name: string,
  functions: readonly FunctionBlueprint[],
): RouteTarget {
  const found = functions.find((one) => one.name === name);
  if (found === undefined) throw new StartError(`${service.address}: leads to '${name}', which is no function`);
  if (found.ingress === 'ALLOW_INTERNAL_ONLY')
    throw new StartError(
      `${service.address}: function '${name}' admits internal callers only, so the load balancer gets 404`,
    );
  return { kind: 'function', function: found.name };
}
