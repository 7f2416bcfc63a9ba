#!/bin/sh
# A queue between two hosts: a consumer in one box and a producer in another, on the same memory (examples/dax-ring.c).
#
#   sh examples/shared-ring.sh [COUNT]
#
# CXLBOX is how cxlbox is called here: `npx cxlbox`.
set -eu
count=${1:-1000000}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -o "$work/dax-ring" "$here/dax-ring.c"

box() {
    ${CXLBOX:-npx cxlbox} run --machine "$here/shared-pool.yaml" "$@"
}

# Contents are there as long as a host is. So the consumer comes first, empties the queue, and says so.
box --host consumer -- sh -c '"$1" /dev/dax0.0 reset && touch "$2" && exec "$1" /dev/dax0.0 consume "$3"' \
    sh "$work/dax-ring" "$work/ready" "$count" &
consumer=$!
until test -e "$work/ready"; do
    kill -0 $consumer
    sleep 0.1
done
box --host producer -- "$work/dax-ring" /dev/dax0.0 produce "$count"
wait $consumer
