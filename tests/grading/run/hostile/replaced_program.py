# What: replaces the kernel by another program
# Ends: recorded

# %% own
import os

os.execv("/bin/sleep", ["mrskit-hostile-sleep", "986"])
