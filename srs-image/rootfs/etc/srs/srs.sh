#!/usr/bin/env bash
# srs.sh <program> <configuration>: SRS, each line of it marked as its own, because what clients send stands in them and other programs
# read what this machine says: a line that looks like one of ours stays one of SRS's. Colours are taken out, control characters written as
# `\r` and `?`. Without the keys: when a hook refuses, SRS logs all it asked, the stream key among it, whatever its level (5.0.216, 6.0.157).
# `exec`, so that signals reach SRS itself and its end is this one's.
exec "$1" -c "$2" > >(LC_ALL=C exec sed -u -E -e 's/\x1b\[[0-9;]*m//g' -e 's/\r/\\r/g' -e 's/[\x00-\x08\x0b-\x1f\x7f]/?/g' -e 's/^/srs: /' -e 's/sk_[a-z2-7]{32}/sk_***/gI' -e 's/(sl[pvr])_[a-z0-9]{16}_[0-9]{10,11}_[0-9a-f]{40}/\1_***/gI') 2>&1
