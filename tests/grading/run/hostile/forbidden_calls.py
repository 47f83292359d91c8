# What: makes every system call that is forbidden, and types into a terminal
# Ends: recorded

# %% answer
import ctypes, errno, fcntl, os

from mrskit.grading.run.sandbox import syscalls

libc, seen = ctypes.CDLL(None, use_errno=True), []
column = 0 if os.uname().machine == "x86_64" else 1
for name, numbers in syscalls._FORBIDDEN.items():
    if numbers[column] is not None:
        done = libc.syscall(numbers[column], -1, 0, 0, 0, 0, 0)
        if done >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
            seen.append(name)
for place in ("/dev/tty", "/dev/console", "/dev/pts/0", "/dev/tty0"):
    try:
        fcntl.ioctl(os.open(place, os.O_RDWR), 0x5412, b"x")
        seen.append(place)
    except OSError:
        pass
answers.give("06-identify", "saw " + repr(seen))
