# What: replaces the kernel by another program
# Ends: not reached

# %% own
import os

os.execv("/bin/sleep", ["mrskit-hostile-sleep", "986"])
