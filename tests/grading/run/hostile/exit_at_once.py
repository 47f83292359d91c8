# What: ends the kernel
# Ends: not reached

# %% own
import os

os._exit(0)
