# What: leaves shared memory, messages and semaphores that outlive its processes, and memory that is nobody's
# Ends: recorded

# %% answer
import ctypes, os

libc, seen = ctypes.CDLL(None, use_errno=True), []
for name, *words in (("shmget", 9851, 1 << 20, 0o1777), ("msgget", 9851, 0o1777), ("semget", 9851, 1, 0o1777),
                     ("memfd_create", b"mine", 0)):
    if getattr(libc, name)(*words) >= 0:
        seen.append(name)
if libc.syscall(240 if os.uname().machine == "x86_64" else 180, b"mine", 0o102, 0o600, None) >= 0:
    seen.append("mq_open")
for name in ("/var/tmp/mine", "/mine", os.path.expanduser("~root/mine"), "/usr/mine"):
    try:
        open(name, "w")
        seen.append(name)
    except OSError:
        pass
answers.give("06-identify", "saw " + repr(seen))
