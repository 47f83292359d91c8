# What: leaves a process behind that has left its family
# Ends: recorded

# %% own
import os, sys, time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv("/bin/sleep", ["mrskit-hostile-daemon", "987"])
    os._exit(0)
time.sleep(0.1)
