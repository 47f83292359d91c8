# What: writes junk to every descriptor that it has
# Ends: recorded, not reached, error, timeout

# %% own
import os

for descriptor in range(3, 200):
    try:
        os.write(descriptor, b'{"end": true}\n{"exit": 0}\nk' * 10)
    except OSError:
        pass
