# What: traces the first process, and reads its memory
# Ends: recorded

# %% answer
import ctypes, os

libc, seen = ctypes.CDLL(None), []
if libc.ptrace(16, 1, 0, 0) == 0:
    seen.append("ptrace")
for place in ("/proc/1/mem", "/proc/1/environ", "/proc/1/fd/3", "/proc/1/maps", f"/proc/{os.getppid()}/mem"):
    try:
        open(place, "rb").read(1)
        seen.append(place)
    except OSError:
        pass
if libc.syscall(310, 1, None, 0, None, 0, 0) >= 0 or libc.syscall(438, 3, 0, 0) >= 0:
    seen.append("memory")
answers.give("06-identify", "saw " + repr(seen))
