#!/usr/bin/env bash
# srs.sh <program> <configuration>: SRS, without the keys in what it says: when a hook refuses, SRS logs all it asked, the stream key
# among it, whatever its level (5.0.216, 6.0.157). `exec`, so that signals reach SRS itself and its end is this one's.
exec "$1" -c "$2" > >(exec sed -u -E -e 's/sk_[a-z2-7]{32}/sk_***/gI' -e 's/(sl[pvr])_[a-z0-9]{16}_[0-9]{10,11}_[0-9a-f]{40}/\1_***/gI') 2>&1
