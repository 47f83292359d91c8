# What: sleeps
# Ends: recorded

# %% own
import time

time.sleep(10_000)
