"""ioctl(2) of a memory device, as programs make it; what was wrong goes to standard output.

mailbox.py send DEVICE ID [INPUT-IN-HEX [SIZE-OF-OUTPUT]]  `errno` or `return-code output-in-hex`
mailbox.py stress DEVICE SECONDS                           threads, forks, signals, kills: `fine N`
mailbox.py until-error DEVICE                              the errno that ends a loop
"""
import ctypes, errno, fcntl, os, random, signal, sys, threading, time

SEND = 0xC030CE02


class Command(ctypes.Structure):
    _fields_ = [
        ("id", ctypes.c_uint32), ("flags", ctypes.c_uint32), ("raw", ctypes.c_uint32),
        ("code", ctypes.c_uint32), ("size_in", ctypes.c_int32), ("reserved_in", ctypes.c_uint32),
        ("input", ctypes.c_uint64), ("size_out", ctypes.c_int32),
        ("reserved_out", ctypes.c_uint32), ("output", ctypes.c_uint64),
    ]


def send(device, number, data=b"", room=0):
    given = ctypes.create_string_buffer(data, len(data) or 1)
    output = ctypes.create_string_buffer(room or 1)
    command = Command(id=number, size_in=len(data), input=ctypes.addressof(given), size_out=room,
                      output=ctypes.addressof(output))
    fcntl.ioctl(device, SEND, command, True)
    return command.code, output.raw[:command.size_out]


def number(value, size=4):
    return value.to_bytes(size, "little")


def check_labels(device, place, text):
    """Writes and reads a part of the label area that is this caller's alone."""
    code, _ = send(device, 10, number(place) + number(0) + text)
    assert code == 0, code
    code, found = send(device, 6, number(place) + number(len(text)), len(text))
    assert (code, found) == (0, text), (code, found, text)


def check_identity(device):
    code, identity = send(device, 1, b"", 0x43)
    assert (code, identity[:4]) == (0, b"BWFW"), (code, identity)


PIECE = 64


def work(device, worker, due, wrong):
    """One thread."""
    count = 0
    while time.monotonic() < due:
        try:
            check_labels(device, worker * PIECE, bytes([worker, count % 256]) * (PIECE // 2))
            check_identity(device)
        except BaseException as error:
            wrong.append(f"worker {worker}: {error!r}")
            return
        count += 1


def process(path, worker, due, threads):
    """Ends with 0 if nothing was wrong. Signals come all the time."""
    handled = []
    signal.signal(signal.SIGUSR1, lambda *_: handled.append(1))
    # A call that the bridge has not taken yet starts again (docs/bridge.md, "Limits").
    signal.siginterrupt(signal.SIGUSR1, False)
    device = os.open(path, os.O_RDWR)
    wrong = []
    started = [threading.Thread(target=work, args=(device, worker + at, due, wrong))
               for at in range(threads)]
    for each in started:
        each.start()
    work(device, worker + threads, due, wrong)
    for each in started:
        each.join()
    for text in wrong:
        print(text, flush=True)
    return 1 if wrong else 0


def fork(task):
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        status = task()
    finally:
        os._exit(status)


def once(path):
    device = os.open(path, os.O_RDWR)
    check_identity(device)
    return 0


def storm(path, due):
    """Processes that make one call each; every fourth is killed, maybe in the middle of it."""
    count = 0
    while time.monotonic() < due:
        child = fork(lambda: once(path))
        doomed = count % 4 == 3
        if doomed:
            time.sleep(random.random() / 500)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if status != 0 and not doomed:
            print(f"process {count}: status {status}", flush=True)
            return 1
        count += 1
    return 0


def stress(path, seconds):
    due = time.monotonic() + seconds
    # Until they handle it.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    workers = [fork(lambda at=at: process(path, at * 4, due, 3)) for at in range(3)]
    storms = [fork(lambda: storm(path, due)) for _ in range(2)]
    signals = 0
    while time.monotonic() < due:
        for each in workers:
            os.kill(each, signal.SIGUSR1)
            signals += 1
        time.sleep(0.002)
    statuses = [os.waitpid(each, 0)[1] for each in workers + storms]
    print("fine" if not any(statuses) else f"statuses {statuses}", flush=True)


def until_error(path):
    device = os.open(path, os.O_RDWR)
    print("started", flush=True)
    try:
        while True:
            check_identity(device)
    except OSError as error:
        print(errno.errorcode[error.errno], flush=True)


def main(what, path, *rest):
    if what == "send":
        data = bytes.fromhex(rest[1]) if len(rest) > 1 else b""
        room = int(rest[2], 0) if len(rest) > 2 else 0
        try:
            code, output = send(os.open(path, os.O_RDWR), int(rest[0]), data, room)
            print(code, output.hex())
        except OSError as error:
            print(errno.errorcode[error.errno])
    elif what == "stress":
        stress(path, float(rest[0]))
    else:
        until_error(path)


main(*sys.argv[1:])
