# What: looks for secrets in the environment, in its descriptors, and in /proc
# Ends: recorded

# %% answer
import os, glob

seen = [name for name in os.environ if "SECRET" in name]
for place in glob.glob("/proc/[0-9]*/environ"):
    try:
        seen += ["SECRET"] if b"SECRET" in open(place, "rb").read() else []
    except OSError:
        pass
others = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) not in (1, os.getpid())]
answers.give("06-identify", "saw " + repr(seen + others))
