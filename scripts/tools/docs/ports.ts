import { z } from 'zod';
import { at, type DocumentedStack, merged, type Resource, table } from './stack';

/**
 * The reasons of open ports: the first row whose pattern fits the place in the stack, and the protocol with the port.
 */
const PORT_REASONS: readonly (readonly [where: RegExp, port: RegExp, reason: string])[] = [
  [
    /^network\/open-\w+-media$/,
    /^TCP 1935$/,
    'RTMP of encoders, through the load balancer, which leaves addresses as they are',
  ],
  [
    /^network\/open-origin-srt$/,
    /^UDP 10080$/,
    'SRT of encoders, from the networks that are named, to the node itself',
  ],
  [/^network\/open-\w+-media$/, /^UDP 8000$/, 'WebRTC media, to the node itself'],
  [
    /^network\/open-origin-rtmps$/,
    /^TCP 1936$/,
    "RTMPS out of Google's proxies, which name the encoder's address to the gate",
  ],
  [/^network\/open-\w+-health$/, /./, 'health checks ask the agent'],
  [/^network\/open-\w+-agent$/, /./, 'the API asks the agent for WebRTC and FLV, with an ID token'],
  [
    /^network\/open-[\w-]+-ssh$/,
    /./,
    "people whom Google's Identity-Aware Proxy let in, when a node must be looked into",
  ],
  [/^network\/open-turn$/, /^(UDP|TCP) 3478$/, 'TURN and STUN'],
  [/^network\/open-turn$/, /^TCP 443$/, 'TURN where a network lets only the ports of the web through'],
  [/^network\/open-turn$/, /^UDP \d+-\d+$/, 'media that is relayed, one port a flow'],
  [/^ingest\/rtmp$/, /./, 'RTMP of encoders'],
  [/^rtmps\/rtmps(-ipv6)?$/, /./, "RTMPS of encoders: TLS ends in Google's proxy"],
  [/^edge\/host\/https(-ipv6)?$/, /^UDP/, 'the same by HTTP/3'],
  [/^edge\/host\/https(-ipv6)?$/, /./, 'viewers, API and pages: the one public host'],
  [/^edge\/host\/http(-ipv6)?$/, /./, 'answers with a redirect to HTTPS, and nothing else'],
];

/** A port without a written reason. */
export class UnexplainedPort extends Error {}

function reasonOf(path: string, port: string): string {
  const found = PORT_REASONS.find(([where, ports]) => where.test(path) && ports.test(port));
  if (found === undefined) throw new UnexplainedPort(`${path} opens ${port}: say why in scripts/tools/docs/ports.ts`);
  return found[2];
}

const Firewall = z.object({
  allow: z.array(z.object({ protocol: z.string(), ports: z.array(z.string()).default(['all']) })),
  source_ranges: z.array(z.string()),
  target_tags: z.array(z.string()),
});

const ANYWHERE = '0.0.0.0/0';
const from = (ranges: readonly string[]): string =>
  ranges.map((range) => (range === ANYWHERE ? '**everywhere**' : `\`${range}\``)).join(', ');

/** Returns the ports that a rule opens: a rule for outgoing traffic opens none. */
function opened({ path, attributes }: Resource): string[][] {
  if (attributes.direction === 'EGRESS') return [];
  const rule = Firewall.parse(attributes);
  return rule.allow.flatMap(({ protocol, ports }) =>
    ports.map((port) => {
      const named = `${protocol.toUpperCase()} ${port}`;
      return [
        named,
        from(rule.source_ranges),
        `VMs with the tag \`${rule.target_tags.join('`, `')}\``,
        reasonOf(path, named),
      ];
    }),
  );
}

function listened(stack: DocumentedStack, rule: Resource): string[][] {
  const { attributes, path } = rule;
  const ports = [attributes.ports ?? attributes.port_range].flat().map(String);
  const quic = stack.targets(attributes.target).some((proxy) => at(proxy.attributes, 'quic_override') === 'ENABLE');
  return ports.flatMap((port) =>
    ['TCP', ...(quic ? ['UDP'] : [])].map((protocol) => {
      const named = `${protocol} ${port}`;
      return [named, from([ANYWHERE]), `load balancer \`${stack.nameOf(rule)}\``, reasonOf(path, named)];
    }),
  );
}

const portsOf = (stack: DocumentedStack): readonly string[][] => [
  ...stack.of(/^google_compute_(global_)?forwarding_rule$/).flatMap((rule) => listened(stack, rule)),
  ...stack.of(/^google_compute_firewall$/).flatMap(opened),
];

/** Returns the page of all open ports, each with its reason. */
export function ports(environments: readonly DocumentedStack[]): string {
  const rows = merged(environments, portsOf).map(({ row, where }) => [...row, where]);
  return `# Ports

Every port that is open. The VPC refuses all others, among them SSH (22), SRS's API (1985) and SRS's web server (8080).
Ports on a node's own \`127.0.0.1\` are not listed: no packet from outside reaches them.

${table(['port', 'from', 'to', 'because', 'in'], rows)}`;
}
