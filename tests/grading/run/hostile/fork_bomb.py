# What: starts processes without end
# Ends: recorded, error, limit, timeout, not reached

# %% own
import os

while True:
    try:
        os.fork()
    except OSError:
        pass
