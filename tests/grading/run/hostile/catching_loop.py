# What: loops and catches everything
# Ends: not reached

# %% own
import time

while True:
    try:
        time.sleep(1)
    except BaseException:
        pass
