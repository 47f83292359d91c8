# What: sleeps where it should answer
# Ends: timeout

# %% answer
import time

time.sleep(10_000)
answers.give("06-identify", "[Ne III]")
