#!/bin/sh
# A fabric manager lends memory of one device to two running hosts, one after the other: to alpha as system memory, to beta
# as a dax device. CXLBOX says how cxlbox is called.
set -e
here=$(cd "$(dirname "$0")" && pwd)
cxlbox=${CXLBOX:-npx cxlbox}
work=$(mktemp -d)

# A host is a box around a shell that does what it is told through a pipe.
start() { # NAME DESCRIPTOR
  mkfifo "$work/$1"
  $cxlbox run --machine "$here/dynamic-pool.yaml" --host "$1" -- sh < "$work/$1" &
  eval "exec $2> \"$work/$1\""
}
on() { # DESCRIPTOR COMMAND: returns when the host has done it
  printf '%s; touch %s\n' "$2" "$work/done" >&"$1"
  until [ -e "$work/done" ]; do sleep 0.05; done
  rm "$work/done"
}
finish() {
  exec 8>&- 9>&-
  wait
  rm -r "$work"
}
trap finish EXIT

start alpha 8
start beta 9
on 8 'cd /sys/bus/cxl; echo region0 > drivers/cxl_sysram_region/bind
  echo online_movable > devices/sysram_region0/online_type
  echo sysram_region0 > drivers/cxl_dax_kmem_region/bind'
on 9 'echo region0 > /sys/bus/cxl/drivers/cxl_devdax_region/bind'

echo '== alpha gets 512 MiB, and has that much more memory'
$cxlbox capacity add pool --size 512MiB --host alpha
on 8 'grep -H . /sys/devices/system/node/node1/memory[0-9]*/state | sed "s/.*node1.//"'

echo '== what alpha uses is not taken back'
$cxlbox capacity release pool --all 2>&1 || true

echo '== offline it can be, and beta gets it'
on 8 'for block in /sys/devices/system/node/node1/memory[0-9]*; do echo offline > $block/state; done'
$cxlbox capacity release pool --all
$cxlbox capacity add pool --size 512MiB --host beta
on 9 'ls /dev/dax*'
$cxlbox capacity list
