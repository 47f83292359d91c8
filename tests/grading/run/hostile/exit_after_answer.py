# What: ends the kernel after the answer
# Ends: recorded

# %% answer
answers.give("06-identify", "[Ne III]")
import os, time

time.sleep(0.5)
os._exit(0)
