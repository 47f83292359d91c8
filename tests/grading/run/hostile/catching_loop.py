# What: loops and catches everything
# Ends: recorded

# %% own
import time

while True:
    try:
        time.sleep(1)
    except BaseException:
        pass
