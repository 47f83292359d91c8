# What: kills its parent, and every process that it can
# Ends: recorded

# %% own
import os, signal

for pid in (os.getppid(), 1, -1):
    for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
        try:
            os.kill(pid, number) if pid > 0 else None
        except OSError as error:
            print(error)
