# What: looks for the sockets and files of others, and writes among its own sockets
# Ends: recorded

# %% answer
import os

seen = sorted(set(os.listdir("/run/mrskit")) - {"kernel.json"} - {f"kernel-{n}" for n in range(1, 6)})
seen += os.listdir("/run")[1:] + os.listdir("/mnt")
for action in (lambda: open("/run/mrskit/fill", "wb"), lambda: os.remove("/run/mrskit/kernel-2"),
               lambda: os.mkdir("/mnt/x"), lambda: open("/x", "w"), lambda: os.symlink("/etc", "/run/mrskit/etc")):
    try:
        action()
        seen.append("done")
    except OSError:
        pass
answers.give("06-identify", "saw " + repr(seen))
