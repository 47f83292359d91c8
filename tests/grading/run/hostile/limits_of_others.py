# What: lowers the limits of its first process and parent, slows them, and pins them
# Ends: recorded

# %% answer
import ctypes, os, resource

libc, seen = ctypes.CDLL(None), []
for pid in {1, os.getppid()}:
    for name in ("RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CPU"):
        try:
            resource.prlimit(pid, getattr(resource, name), (1, 1))
            seen.append((pid, name))
        except OSError:
            pass
    before = os.sched_getaffinity(pid), os.sched_getscheduler(pid), os.getpriority(os.PRIO_PROCESS, pid)
    for call in (lambda: os.sched_setaffinity(pid, {0}), lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
                 lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))):
        try:
            call()
        except OSError:
            pass
    if before != (os.sched_getaffinity(pid), os.sched_getscheduler(pid), os.getpriority(os.PRIO_PROCESS, pid)):
        seen.append((pid, "scheduling"))
    if libc.syscall(251, 1, pid, 3 << 13) == 0:
        seen.append((pid, "ioprio"))
answers.give("06-identify", "saw " + repr(seen))
