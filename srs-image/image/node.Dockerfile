# The image of an SRS VM: SRS, its configuration, the agent and the gate, which run from it as three containers. Built by cloudbuild.yaml, which
# replaces the tags below by the digests that bases.json has for them, out of the registry's own copy of Docker Hub. Context: the project's folder, after `npm run build`.

# The first release of SRS 6 whose official build has the address sanitizer off.
ARG SRS_IMAGE=ossrs/srs:v6.0-r0
ARG NODE_IMAGE=node:22.21.1-bookworm-slim

FROM ${SRS_IMAGE} AS srs

# SRS's own image has root, ffmpeg and an Ubuntu without updates: only the program is taken, which needs no more than the C++ library.
FROM ${NODE_IMAGE}

# One user for all containers, because segments are hard-linked from SRS's folder; an id that no account of the VM has.
RUN groupadd --gid 10001 media && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin media

COPY --from=srs /usr/local/srs/objs/srs /usr/local/srs/objs/srs
COPY srs-image/rootfs/ /
COPY dist/agent/agent.js /opt/agent/agent.js
COPY dist/gate/gate.js /opt/gate/gate.js

# The root is read-only where it runs; /tmp is memory.
ENV NODE_ENV=production SRS_PID=/tmp/srs.pid
WORKDIR /tmp
USER 10001:10001

# Fails here and not on a VM: a library that is missing, a directive this SRS does not know, a bundle that is cut short.
RUN CANDIDATE=127.0.0.1 /usr/local/srs/objs/srs -t -c /etc/srs/srs.conf && node --check /opt/agent/agent.js && node --check /opt/gate/gate.js

# Nothing by default: the units say which of them it is.
CMD ["/bin/false"]
