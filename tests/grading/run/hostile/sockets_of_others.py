# What: listens to other kernels, and speaks with whatever socket of the machine has a name
# Ends: recorded

# %% answer
import os, socket

from ipykernel.connect import get_connection_file

seen = []
with open("/proc/net/unix") as listed:
    paths = {line.split()[-1] for line in listed.readlines()[1:] if "/" in line.split()[-1]}
mine = os.path.dirname(get_connection_file())
for path in paths | {"{socket}", "/dev/log", "/var/run/docker.sock", "/run/systemd/notify"}:
    if os.path.dirname(path) == mine:
        continue
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        try:
            with socket.socket(socket.AF_UNIX, kind) as end:
                end.connect(path)
                seen.append(path)
        except OSError:
            pass
        try:
            with socket.socketpair(type=kind)[0] as end:
                end.sendto(b"x", path)
                seen.append(path)
        except OSError:
            pass
answers.give("06-identify", "saw " + repr(seen))
