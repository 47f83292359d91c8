# What: stops its own process, so that no interruption helps
# Ends: not reached

# %% own
import os, signal

os.kill(os.getpid(), signal.SIGSTOP)
