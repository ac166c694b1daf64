import { at, reference, resourcesOf, type TerraformJson } from '../../support/synth';
import { numberAt, type Rule, target, texts, unless } from './rule';

const edgePolicies = (json: TerraformJson) =>
  resourcesOf(json, /^google_compute_security_policy$/).filter(
    ({ attributes }) => attributes.type === 'CLOUD_ARMOR_EDGE',
  );

const LAST_PRIORITY = 2_147_483_647;

export const EDGE: readonly Rule[] = [
  {
    name: 'backend buckets say everything about caching',
    reason:
      'the provider sends 0 or false for what is left out, and not the API’s default; a stale live playlist is a stall',
    types: /^google_compute_backend_bucket$/,
    wrong: ({ attributes }) => {
      const { signed_url_cache_max_age_sec: signed, ...rest } = Object(attributes.cdn_policy);
      const wanted = {
        cache_mode: 'USE_ORIGIN_HEADERS',
        negative_caching: false,
        request_coalescing: true,
        serve_while_stale: 0,
      };
      const same = JSON.stringify(Object.entries(rest).sort()) === JSON.stringify(Object.entries(wanted).sort());
      return unless(
        same && Number.isInteger(signed) && attributes.enable_cdn === true,
        JSON.stringify(attributes.cdn_policy),
      );
    },
    planted: {
      type: 'google_compute_backend_bucket',
      attributes: { enable_cdn: true, cdn_policy: { cache_mode: 'USE_ORIGIN_HEADERS', serve_while_stale: 0 } },
    },
  },
  {
    name: 'signed playlists are kept half a segment at most',
    reason:
      'Cloud CDN ignores Cache-Control on signed requests: with the default, a live playlist stands still for an hour',
    types: /^google_compute_backend_bucket$/,
    where: ({ path }) => path.endsWith('-playlists'),
    wrong: ({ attributes }) =>
      unless(numberAt(attributes, 'cdn_policy.signed_url_cache_max_age_sec') <= 1, 'longer than half a segment of 2 s'),
    planted: {
      type: 'google_compute_backend_bucket',
      attributes: { cdn_policy: { signed_url_cache_max_age_sec: 3600 } },
    },
  },
  {
    name: 'TLS is 1.2 at least',
    reason: 'older ones are broken',
    types: /^google_compute_ssl_policy$/,
    wrong: ({ attributes }) => unless(attributes.min_tls_version === 'TLS_1_2', `${attributes.min_tls_version}`),
    planted: { type: 'google_compute_ssl_policy', attributes: { profile: 'COMPATIBLE' } },
  },
  {
    name: 'global load balancers are of the managed kind',
    reason: 'the provider’s default is the classic one, which has no route rules',
    types: /^google_compute_(global_forwarding_rule|backend_service)$/,
    wrong: ({ attributes }) => unless(attributes.load_balancing_scheme === 'EXTERNAL_MANAGED', 'it is classic'),
    planted: { type: 'google_compute_backend_service', attributes: {} },
  },
  {
    name: 'signed segments are kept minutes, not for good',
    reason: 'were a segment asked for too early, its 404 would be kept as long',
    types: /^google_compute_backend_bucket$/,
    where: ({ path }) => path.endsWith('-segments'),
    wrong: ({ attributes }) => {
      const seconds = numberAt(attributes, 'cdn_policy.signed_url_cache_max_age_sec');
      return unless(seconds >= 60 && seconds <= 300, `${seconds} s`);
    },
    planted: {
      type: 'google_compute_backend_bucket',
      attributes: { cdn_policy: { signed_url_cache_max_age_sec: 86_400 } },
    },
  },
  {
    name: 'backend buckets are behind the edge policy, if somebody may not watch',
    reason:
      'a network or country that may not watch is refused before the cache answers; a policy without a rule is paid for nothing',
    types: /^google_compute_backend_bucket$/,
    wrong: ({ attributes }, json) => {
      const [policy] = edgePolicies(json);
      return unless(target(attributes.edge_security_policy ?? 'none') === (policy?.address ?? 'none'), 'not behind it');
    },
    planted: {
      type: 'google_compute_backend_bucket',
      attributes: { edge_security_policy: reference('google_compute_security_policy.viewers.id') },
    },
  },
  {
    name: 'an edge policy only allows and denies, by address and country',
    reason: 'Google refuses rate limits there at apply, long after the plan was fine',
    types: /^google_compute_security_policy$/,
    where: ({ attributes }) => attributes.type === 'CLOUD_ARMOR_EDGE',
    wrong: ({ attributes }) => {
      const rules = Object.values(Object(attributes.rule));
      const fits = rules.every(
        (rule) =>
          /^(allow|deny\(403\))$/.test(String(at(rule, 'action'))) &&
          texts(at(rule, 'match.config.src_ip_ranges')).length <= 10 &&
          texts(at(rule, 'match.expr')).every((text) => /^origin\.region_code == '[A-Z]{2}'( \|\| .*)?$/.test(text)),
      );
      return unless(fits, 'it does more');
    },
    planted: {
      type: 'google_compute_security_policy',
      attributes: { type: 'CLOUD_ARMOR_EDGE', rule: [{ action: 'throttle', priority: LAST_PRIORITY }] },
    },
  },
  {
    name: 'a security policy ends with a rule for everybody else',
    reason: 'the provider takes the whole list: without it, Google’s own last rule is removed',
    types: /^google_compute_security_policy$/,
    wrong: ({ attributes }) => {
      const rules = Object.values(Object(attributes.rule));
      const priorities = rules.map((rule) => Number(at(rule, 'priority')));
      return unless(
        priorities.includes(LAST_PRIORITY) && new Set(priorities).size === priorities.length,
        String(priorities),
      );
    },
    planted: { type: 'google_compute_security_policy', attributes: { rule: [{ action: 'allow', priority: 1 }] } },
  },
  {
    name: 'the API answers one address so often a minute',
    reason: 'stream keys are guessed, and a client in a loop is somebody’s bill',
    types: /^google_compute_backend_service$/,
    where: ({ path }) => path === 'edge/host/api',
    wrong: ({ attributes }, json) => {
      const policy = resourcesOf(json, /^google_compute_security_policy$/).find(
        ({ address }) => address === target(attributes.security_policy),
      );
      const limits = Object.values(Object(policy?.attributes.rule)).filter(
        (rule) => at(rule, 'action') === 'throttle' && at(rule, 'rate_limit_options.exceed_action') === 'deny(429)',
      );
      return unless(limits.length === 1, 'nothing limits it');
    },
    planted: { type: 'google_compute_backend_service', path: 'edge/host/api', attributes: {} },
  },
  {
    name: 'HTTPS speaks HTTP/3 and our TLS',
    reason: 'HTTP/3 spares players a round trip on each reconnect; a proxy without a policy takes TLS 1.0',
    types: /^google_compute_target_(https|ssl)_proxy$/,
    wrong: ({ type, attributes }) =>
      unless(
        target(attributes.ssl_policy).startsWith('google_compute_ssl_policy.') &&
          String(attributes.certificate_map).startsWith('//certificatemanager.googleapis.com/') &&
          (type === 'google_compute_target_ssl_proxy' || attributes.quic_override === 'ENABLE'),
        'policy, certificate or HTTP/3',
      ),
    planted: { type: 'google_compute_target_https_proxy', attributes: { quic_override: 'NONE' } },
  },
  {
    name: 'HTTP only sends on to HTTPS',
    reason: 'a grant’s cookie would travel in the clear',
    types: /^google_compute_target_http_proxy$/,
    wrong: ({ attributes }, json) => {
      const map = resourcesOf(json, /^google_compute_url_map$/).find(
        ({ address }) => address === target(attributes.url_map),
      );
      return unless(at(map, 'attributes.default_url_redirect.https_redirect') === true, 'it serves');
    },
    planted: { type: 'google_compute_target_http_proxy', attributes: { url_map: 'none' } },
  },
];
