"""Sanitizes mem0 and polls `security/state`, as `cxl wait-sanitize` does: first for as many
milliseconds as its argument says, if there is one, then until there is an event. Nothing else in
the box asks anything meanwhile."""
import os
import select
import sys

SECURITY = '/sys/bus/cxl/devices/mem0/security'
LONGEST = 60_000
NAMES = {select.POLLERR: 'ERR', select.POLLPRI: 'PRI'}


def state():
    """Of both descriptors: what is read is no event any more."""
    return [os.pread(each, 64, 0).decode().strip() for each in descriptors][0]


def wait(milliseconds):
    events = dict(poller.poll(milliseconds))
    names = [[name for bit, name in NAMES.items() if events.get(each, 0) & bit] for each in descriptors]
    print(', '.join(' '.join(each) or 'nothing' for each in names), state(), flush=True)


descriptors = [os.open(f'{SECURITY}/state', os.O_RDONLY) for _ in range(2)]
poller = select.poll()
# The first as cxl does it, without any event: POLLERR is always reported.
for descriptor, mask in zip(descriptors, [0, select.POLLPRI]):
    poller.register(descriptor, mask)
print(state())
with open(f'{SECURITY}/sanitize', 'w', encoding='ascii') as file:
    file.write('1')
print(state())
for argument in sys.argv[1:]:
    wait(int(argument))
wait(LONGEST)
