# What: closes every descriptor
# Ends: not reached, recorded, error, timeout

# %% own
import os

os.closerange(3, 500)
