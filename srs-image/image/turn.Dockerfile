# The image of a TURN VM: coturn's own, which has Prometheus and drains, unlike Debian's. Built by cloudbuild.yaml, as node.Dockerfile.
ARG COTURN_IMAGE=coturn/coturn:4.17.0-r0-debian

FROM ${COTURN_IMAGE}

# coturn's program carries a capability, and where all capabilities are dropped such a program cannot be started. A copy carries none.
USER 0
RUN cp /usr/bin/turnserver /usr/bin/turnserver.plain && mv /usr/bin/turnserver.plain /usr/bin/turnserver && turnserver --version

USER 65534:65534

# Takes no new flow and ends with the last one; who stops it decides how long that may take.
STOPSIGNAL SIGUSR1
ENTRYPOINT []
CMD ["turnserver", "-c", "/etc/coturn/turnserver.conf"]
