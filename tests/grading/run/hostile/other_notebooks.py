# What: looks for the sockets and files of others, and writes among its own sockets
# Ends: recorded

# %% answer
import os

from ipykernel.connect import get_connection_file

place = os.path.dirname(get_connection_file())
seen = sorted(set(os.listdir(place)) - {"kernel.json"} - {f"kernel-{n}" for n in range(1, 6)})
for folder in {"/run", "/mnt", os.path.dirname(place)}:
    try:
        seen += set(os.listdir(folder)) - {"mrskit"}
    except OSError:
        pass
for action in (lambda: open(f"{place}/fill", "wb"), lambda: os.remove(f"{place}/kernel-2"),
               lambda: os.mkdir("/mnt/x"), lambda: open("/x", "w"), lambda: os.symlink("/etc", f"{place}/etc"),
               lambda: os.mkdir(f"{place}/x"), lambda: open(f"{place}/kernel.json", "a")):
    try:
        action()
        seen.append("done")
    except OSError:
        pass
answers.give("06-identify", "saw " + repr(seen))
