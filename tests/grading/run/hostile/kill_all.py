# What: kills everybody
# Ends: recorded, not reached

# %% own
import os

os.kill(-1, 9)
