import { type Attributes, at, resourcesOf } from '../../support/synth';
import { numberAt, type Rule, target, texts, unless, usersOf } from './rule';

/** RTMP, SRT, WebRTC; TURN and its relay range. Nothing else is the world's business. */
const WORLD_PORTS: Readonly<Record<string, readonly RegExp[]>> = {
  'network/open-origin-media': [/^tcp:1935$/, /^udp:8000$/],
  'network/open-edge-media': [/^udp:8000$/],
  'network/open-turn': [/^tcp:(3478|443)$/, /^udp:(3478|49152-(50151|53247))$/],
};
const isWorld = (attributes: Attributes): boolean =>
  texts(attributes.source_ranges).some((range) => /^(0\.0\.0\.0|::)\/0$/.test(range));

/** `tcp:1935`, of all `allow` blocks. */
const opened = (attributes: Attributes): string[] =>
  Object.values(Object(attributes.allow)).flatMap((block) => {
    const ports = texts(at(block, 'ports'));
    return (ports.length > 0 ? ports : ['all']).map((port) => `${at(block, 'protocol')}:${port}`);
  });

/** True if `port` is one of `open`, or in one of its ranges. */
const reaches = (open: string, port: number): boolean => {
  const [first = '', last = first] = (open.split(':')[1] ?? '').split('-');
  return open.endsWith(':all') || (Number(first) <= port && port <= Number(last));
};

export const MACHINES: readonly Rule[] = [
  {
    name: 'the world reaches the listed ports only',
    reason: 'everything else is for us, or for nobody',
    types: /^google_compute_firewall$/,
    wrong: ({ path, attributes }) => {
      if (!isWorld(attributes)) return undefined;
      const others = opened(attributes).filter(
        (port) => !(WORLD_PORTS[path] ?? []).some((allowed) => allowed.test(port)),
      );
      return unless(others.length === 0, `${others} are open to the world`);
    },
    planted: {
      type: 'google_compute_firewall',
      path: 'network/open-origin-media',
      attributes: { source_ranges: ['0.0.0.0/0'], allow: [{ protocol: 'tcp', ports: ['1935', '8080'] }] },
    },
  },
  {
    name: 'SSH and SRS’s own ports are closed to the world, also inside a range',
    reason: 'anyone who reaches SRS’s API ends publishers; anyone who reaches SSH has time',
    types: /^google_compute_firewall$/,
    where: ({ attributes }) => isWorld(attributes),
    wrong: ({ attributes }) => {
      const found = opened(attributes).filter((open) =>
        [22, 1936, 1985, 8080, 8085, 8086, 8087, 9972, 10080, 11935].some((port) => reaches(open, port)),
      );
      return unless(found.length === 0, `${found} are open to the world`);
    },
    planted: {
      type: 'google_compute_firewall',
      attributes: { source_ranges: ['0.0.0.0/0'], allow: [{ protocol: 'tcp', ports: ['1900-2000'] }] },
    },
  },
  {
    name: 'a firewall rule names ports, VMs, and sources or, of what goes out, destinations',
    reason: 'a rule without one of them opens everything',
    types: /^google_compute_firewall$/,
    wrong: ({ attributes }) =>
      unless(
        !opened(attributes).some((open) => open.endsWith(':all')) &&
          texts(attributes[attributes.direction === 'EGRESS' ? 'destination_ranges' : 'source_ranges']).length > 0 &&
          texts(attributes.target_tags).length > 0,
        'it is open-ended',
      ),
    planted: {
      type: 'google_compute_firewall',
      attributes: { source_ranges: ['10.0.0.0/8'], allow: [{ ports: ['22'] }] },
    },
  },
  {
    name: 'health checks get through the firewall',
    reason: 'a probe that is dropped looks like a dead node, and the group replaces it for ever',
    types: /^google_compute_(region_)?health_check$/,
    wrong: ({ attributes }, json) => {
      const port = String(at(attributes, 'tcp_health_check.port') ?? at(attributes, 'http_health_check.port'));
      const open = resourcesOf(json, /^google_compute_firewall$/).filter(
        (rule) =>
          opened(rule.attributes).includes(`tcp:${port}`) &&
          (texts(rule.attributes.source_ranges).includes('0.0.0.0/0') ||
            ['35.191.0.0/16', '209.85.152.0/22'].every((range) =>
              texts(rule.attributes.source_ranges).includes(range),
            )),
      );
      return unless(open.length > 0, `${port} is closed to probes`);
    },
    planted: { type: 'google_compute_health_check', attributes: { http_health_check: { port: 1985 } } },
  },
  {
    name: 'publishers may stay on a node that leaves',
    reason: 'the default cuts them at once',
    types: /^google_compute_(region_)?backend_service$/,
    where: ({ path }) => !['edge/host/api', 'edge/host/chat'].includes(path),
    wrong: ({ attributes }) =>
      unless(numberAt(attributes, 'connection_draining_timeout_sec') >= 300, 'connections are not drained'),
    planted: { type: 'google_compute_region_backend_service', attributes: {} },
  },
  {
    name: 'VMs are shielded, stay on their OS version and let nobody in by project keys',
    reason: 'COS restarts itself for an update in the middle of a broadcast',
    types: /^google_compute_instance_template$/,
    wrong: ({ attributes }) =>
      unless(
        at(attributes, 'shielded_instance_config.enable_secure_boot') === true &&
          at(attributes, 'metadata.cos-update-strategy') === 'update_disabled' &&
          at(attributes, 'metadata.block-project-ssh-keys') === 'true' &&
          at(attributes, 'metadata.enable-oslogin') === 'true' &&
          at(attributes, 'metadata.serial-port-enable') === 'false' &&
          at(attributes, 'metadata.gce-container-declaration') === undefined &&
          /^\$\{google_service_account\./.test(String(at(attributes, 'service_account.email'))),
        'shield, update strategy, keys, konlet or account',
      ),
    planted: { type: 'google_compute_instance_template', attributes: { metadata: {} } },
  },
  {
    name: 'what a VM runs is pinned',
    reason: 'a node that restarts must be the node that was tried',
    types: /^google_compute_instance_template$/,
    wrong: ({ attributes }) => {
      const images = String(at(attributes, 'metadata.user-data')).match(/\S+-docker\.pkg\.dev\/\S+/g) ?? [];
      return unless(
        images.some((image) => image.includes(':')) && !images.some((image) => image.endsWith(':latest')),
        images.join(' '),
      );
    },
    planted: {
      type: 'google_compute_instance_template',
      attributes: { metadata: { 'user-data': 'docker run europe-west1-docker.pkg.dev/p/r/node:latest' } },
    },
  },
  {
    name: 'a new template never cuts publishers, and its surge is one Google takes',
    reason: 'a fixed surge has to be 0 or at least the number of zones',
    types: /^google_compute_region_instance_group_manager$/,
    wrong: ({ attributes }) => {
      const surge = numberAt(attributes, 'update_policy.max_surge_fixed');
      const zones = texts(attributes.distribution_policy_zones).length;
      return unless(
        at(attributes, 'update_policy.type') === 'OPPORTUNISTIC' && (surge === 0 || surge >= zones),
        'update policy',
      );
    },
    planted: {
      type: 'google_compute_region_instance_group_manager',
      attributes: {
        update_policy: { type: 'PROACTIVE', max_surge_fixed: 1 },
        distribution_policy_zones: ['a', 'b', 'c'],
      },
    },
  },
  {
    name: 'no VM runs what konlet would have to start',
    reason: '`gce-container-declaration` stopped working on 2026-07-31: the VM boots and nothing runs',
    types: /^google_compute_instance/,
    wrong: ({ attributes }) => {
      const metadata = Object(attributes.metadata);
      return unless(
        !('gce-container-declaration' in metadata) &&
          (attributes.source_instance_template !== undefined || 'user-data' in metadata),
        'it has no cloud-init',
      );
    },
    planted: {
      type: 'google_compute_instance_template',
      attributes: { metadata: { 'user-data': '#cloud-config', 'gce-container-declaration': 'spec:' } },
    },
  },
  {
    name: 'an autoscaler never takes a node away',
    reason: 'it picks its victims itself, with the publishers on them',
    types: /^google_compute_region_autoscaler$/,
    wrong: ({ attributes }) => {
      const policy = attributes.autoscaling_policy;
      return unless(
        at(policy, 'mode') === 'ONLY_SCALE_OUT' &&
          Number(at(policy, 'min_replicas')) <= Number(at(policy, 'max_replicas')) &&
          texts(at(policy, 'metric')).some((text) => text.startsWith('custom.googleapis.com/')),
        'mode, bounds or the publishers’ metric',
      );
    },
    planted: {
      type: 'google_compute_region_autoscaler',
      attributes: { autoscaling_policy: { mode: 'ON', min_replicas: 1, max_replicas: 2 } },
    },
  },
  {
    name: 'a group has a size or an autoscaler, never both',
    reason: 'every plan would set the size back to what it was, and delete nodes',
    types: /^google_compute_region_instance_group_manager$/,
    wrong: ({ address, attributes }, json) => {
      const scaled = resourcesOf(json, /autoscaler$/).some((one) => target(one.attributes.target) === address);
      return unless(scaled === (attributes.target_size === undefined), scaled ? 'it has both' : 'it has neither');
    },
    planted: { type: 'google_compute_region_instance_group_manager', attributes: {} },
  },
  {
    name: 'autohealing asks something else than the load balancer',
    reason: 'a node that is merely busy would be recreated with its publishers',
    types: /^google_compute_region_instance_group_manager$/,
    wrong: ({ attributes }, json) => {
      const check = target(at(attributes, 'auto_healing_policies.health_check'));
      const balanced = resourcesOf(json, /backend_service$/).some((one) =>
        texts(one.attributes.health_checks).map(target).includes(check),
      );
      const patient = numberAt(attributes, 'auto_healing_policies.initial_delay_sec') >= 120;
      return unless(/^google_compute_region_health_check\./.test(check) && !balanced && patient, `${check}`);
    },
    planted: {
      type: 'google_compute_region_instance_group_manager',
      attributes: { auto_healing_policies: { health_check: 'none', initial_delay_sec: 10 } },
    },
  },
  {
    name: 'every address is used',
    reason: 'an address nobody uses is billed for ever',
    types: /^google_compute_(global_)?address$/,
    wrong: ({ address }, json) => unless(usersOf(json, address).length > 0, 'nobody uses it'),
    planted: { type: 'google_compute_address', attributes: {} },
  },
  {
    name: 'a subnetwork reaches Google’s services without leaving',
    reason: 'VMs count as internal callers of functions that admit no others',
    types: /^google_compute_subnetwork$/,
    wrong: ({ attributes }) => unless(attributes.private_ip_google_access === true, 'it goes by the internet'),
    planted: { type: 'google_compute_subnetwork', attributes: {} },
  },
];
