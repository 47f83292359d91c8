# What: stops its own process, so that no interruption helps
# Ends: recorded

# %% own
import os, signal

os.kill(os.getpid(), signal.SIGSTOP)
