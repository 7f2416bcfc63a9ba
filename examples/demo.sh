#!/bin/sh
# The main job of `npm start`, run inside a box of the default machine: region0 becomes system memory in ZONE_MOVABLE,
# region1 becomes /dev/dax1.0. Every line that begins with `$` is run as it stands.
#
#   sh demo.sh NODE CXLBOX   (the interpreter, and bin/cxlbox.js, for `cxlbox show`)
set -u
node=$1
cxlbox=$2
here=$(dirname "$0")
failed=0

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi
title() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
step() {
    printf '\n%s$ %s%s\n' "$bold" "$1" "$plain"
    sh -c "$1" || { failed=1; echo "failed with status $?"; }
}
show() { "$node" "$cxlbox" show; }
installed() { command -v "$1" >/dev/null 2>&1; }

title 'A host with two CXL memory devices. Both regions are committed and belong to no driver yet.'
show

title 'region0 shall be system memory.'
step 'echo region0 > /sys/bus/cxl/drivers/cxl_sysram_region/bind'
step 'echo online_movable > /sys/bus/cxl/devices/sysram_region0/online_type'
"$node" "$cxlbox" show --only regions
step 'echo sysram_region0 > /sys/bus/cxl/drivers/cxl_dax_kmem_region/bind'
show

title 'region1 shall be a device that programs map.'
step 'echo region1 > /sys/bus/cxl/drivers/cxl_devdax_region/bind'
"$node" "$cxlbox" show --only regions

if installed perl; then
    title 'One process writes a pattern through a mapping of /dev/dax1.0, another finds it.'
    step "perl $here/map-dax.pl write /dev/dax1.0 0x40000000 2097152"
    step "perl $here/map-dax.pl check /dev/dax1.0 0x40000000 2097152"
else
    title 'perl is not installed here, so no program maps /dev/dax1.0.'
fi

if installed daxctl; then title 'What the tools installed here say.'; step 'daxctl list -RDMu'; fi
if installed cxl; then step 'cxl list -RMu'; fi
if installed lsmem; then step 'lsmem -o RANGE,SIZE,STATE,BLOCK,NODE,ZONES'; fi
if installed numactl; then step 'numactl -H'; fi

title 'What to try next'
cat <<'EOF'
  npx cxlbox shell                                a shell in a box like this one
  npx cxlbox run -- cxl list -Mu                  one command in a box
  npx cxlbox run --machine switch2 -- cxl list    another machine; npx cxlbox machines lists them
EOF
if [ -d "$here/../conformance/open" ]; then
    echo '  npx cxlbox replay conformance/open              what a real kernel did, against this one'
fi
exit $failed
