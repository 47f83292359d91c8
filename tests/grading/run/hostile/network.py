# What: calls a server outside, by every kind of socket
# Ends: recorded

# %% answer
import socket

seen = []
tries = [(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", {port})), (socket.AF_INET, socket.SOCK_STREAM, ("10.0.2.2", 80)),
         (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 53)), (socket.AF_UNIX, socket.SOCK_STREAM, "{socket}"),
         (socket.AF_UNIX, socket.SOCK_STREAM, "/var/run/docker.sock"), (40, socket.SOCK_STREAM, (2, 1024))]
for family, kind, address in tries:
    try:
        with socket.socket(family, kind) as end:
            end.settimeout(0.3)
            end.connect(address)
            seen.append(address)
    except (OSError, TypeError):
        pass
answers.give("06-identify", "saw " + repr(seen))
