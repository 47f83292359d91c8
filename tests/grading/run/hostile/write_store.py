# What: changes the instructor's data, also through the links to them
# Ends: recorded

# %% answer
import os, glob

seen = []


def state(place):
    found = os.stat(place)
    return found.st_mode, found.st_size, found.st_mtime_ns


places = glob.glob("Source/uncal/*") + glob.glob("{key}/Source/uncal/*")
for place in places:
    for action in (lambda: open(place, "ab").write(b"x"), lambda: os.truncate(place, 0), lambda: os.chmod(place, 0o777),
                   lambda: os.utime(place), lambda: os.rename(os.path.realpath(place), "/tmp/x")):
        try:
            before = state(place)
            action()
            if not os.path.exists(place) or state(place) != before:  # a call may report success and do nothing
                seen.append(place)
        except OSError:
            pass
import mrskit

for place in (mrskit.__file__, "/usr/bin/env", "/proc/sys/kernel/hostname", "/dev/sda", "/dev/mem"):
    try:
        open(place, "r+b").write(b"x")
        seen.append(place)
    except OSError:
        pass
answers.give("06-identify", "saw " + repr(seen))
