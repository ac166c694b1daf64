/**
 * Places and ports on an SRS VM: one table for its cloud-init, the agent's environment, firewalls and health checks.
 * `srs.conf` agrees.
 */
export const NODE = {
  /** RTMP, from everywhere: the gate's. */
  rtmpPort: 1935,
  /** RTMP out of the RTMPS load balancer, which says by PROXY protocol who connects: the gate's. */
  proxyPort: 1936,
  /** SRS's own RTMP, on 127.0.0.1: the gate alone connects there. */
  srsRtmpPort: 11_935,
  /** The gate's metrics, and who its clients are, on 127.0.0.1. */
  gateStatusPort: 8087,
  /** SRT over UDP, and media of WebRTC over UDP, from everywhere, on the node's own external address. */
  srtPort: 10_080,
  rtcPort: 8000,
  /** Hooks of SRS, on 127.0.0.1. */
  hooksPort: 8085,
  /** The agent's listener for the VPC: `/healthz` and `/livez`. */
  publicPort: 8086,
  /** SRS's HTTP API and web server (HTTP-FLV), on 127.0.0.1. */
  srsApiPort: 1985,
  srsHttpPort: 8080,
  /** The tmpfs on the VM. Cloud-init may only write below `/mnt/disks` and `/var` on Container-Optimized OS. */
  mediaMount: '/mnt/disks/media',
  /** The same tmpfs inside both containers: segments are hard-linked from `hls` to `spool`. */
  hlsRoot: '/media/hls',
  spoolRoot: '/media/spool',
  /** User and group of both containers: a segment is linked by who owns it. No account of the VM has it. */
  uid: 10_001,
  /** Paths in the containers. */
  agentBundle: '/opt/agent/agent.js',
  gateBundle: '/opt/gate/gate.js',
  srsProgram: '/usr/local/srs/objs/srs',
  srsConf: '/etc/srs/srs.conf',
  /** Runs it, and strikes keys out of what it says. */
  srsScript: '/etc/srs/srs.sh',
  /** Open files of SRS: each connection is one, and SRS wants 128 more than its `max_connections`. */
  srsOpenFiles: 65_536,
} as const;
