# What: ends the kernel
# Ends: recorded

# %% own
import os

os._exit(0)
