# What: ends the kernel a moment later, in whatever cell runs then
# Ends: recorded, error, not reached

# %% own
import os, threading

threading.Timer(0.05, lambda: os._exit(1)).start()

# %% answer
import time

time.sleep(0.3)
answers.give("06-identify", "[Ne III]")
